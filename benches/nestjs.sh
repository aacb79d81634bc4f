#!/usr/bin/env bash
# A node of this crate beside NestJS 12, over TCP and over NATS: the same service (tests/interop), the same raw load
# (`nestling bench`) on one connection, in turns. Prints the medians of its rounds as tables. Needs Node.js, npm, a
# nats-server (`.ci/run nats_server`, or NESTLING_NATS_SERVER), and Linux's /proc.
#
# `benches/nestjs.sh` runs all; TRANSPORTS says what, ROUNDS and SECONDS_EACH how often and how long, IN_FLIGHT what with.
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${ROUNDS:-5}
seconds=${SECONDS_EACH:-3}
read -ra loads <<<"${IN_FLIGHT:-1 64 256}"
idle=${IDLE:-1000}
transports=${TRANSPORTS:-tcp nats}

scratch=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; rm -rf "$scratch"' EXIT

nest=tests/interop/nest
[[ -d $nest/node_modules ]] || npm --prefix "$nest" ci --silent
cargo build --quiet --release --features cli --bin nestling --example nest_reference
built=${CARGO_TARGET_DIR:-target}/release

# Starts a service, with `--tcp HOST:PORT` or `--nats URL`; its process and where it listens are in `pid` and `url` then.
# What it prints of events goes nowhere.
start() {
    local said=$scratch/said.$RANDOM
    case $1 in
        nestling) exec "$built/examples/nest_reference" "${@:2}" ;;
        nestjs) exec node "$nest/service.js" --nest 12 "${@:2}" ;;
    esac > >(head -n 1 >"$said"; cat >/dev/null) 2>"$scratch/$1.log" &
    pid=$!
    pids+=("$pid")
    disown "$pid"
    until grep -qs listening "$said"; do sleep 0.05; done
    url=$(sed 's/.* //' "$said")
}

start_tcp() { start "$1" --tcp 127.0.0.1:0; }

# A service behind a nats-server of its own: on one server both would answer.
start_nats() {
    local binary=${NESTLING_NATS_SERVER:-target/nats-server/bin/nats-server} ports
    [[ -x $binary ]] || binary=$(PATH=$PATH:/usr/sbin command -v nats-server)
    ports=$(mktemp -d -p "$scratch")
    "$binary" --addr 127.0.0.1 --port -1 --ports_file_dir "$ports" >/dev/null 2>&1 &
    pids+=("$!")
    disown "$!"
    until grep -qs nats: "$ports"/*; do sleep 0.05; done
    start "$1" --nats "$(grep -oh 'nats://[0-9.:]*' "$ports"/* | head -n 1)"
}

bench() { "$built/nestling" bench "$@" --json; }

number() { sed -E "s/.*\"$1\":([0-9.]+).*/\1/"; }
median() { sort -g | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }
# Ticks of user and system time; there are 100 a second.
cpu() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }
memory() { awk -v name="$2:" '$1 == name { print int($2 / 1024 + 0.5) }' "/proc/$1/status"; }

# One turn: requests a second, µs of the service's CPU for each, p50 and p99 in µs.
turn() {
    local server=$1 transport=$2 in_flight=$3 bytes=$4 before after report
    local notes=$scratch/$server.$transport.$in_flight.$bytes
    before=$(cpu "${service_pid[$server.$transport]}")
    report=$(bench "${service_url[$server.$transport]}" echo --payload "$bytes" --in-flight "$in_flight" --duration "${seconds}s" --warmup 0s)
    after=$(cpu "${service_pid[$server.$transport]}")
    number per_second <<<"$report" >>"$notes.rate"
    awk "BEGIN { print ($after - $before) * 1e4 / $(number count <<<"$report") }" >>"$notes.cpu"
    number p50 <<<"$report" >>"$notes.p50"
    number p99 <<<"$report" >>"$notes.p99"
}

of() { median <"$scratch/$1.$transport.$2.$bytes.$3"; }

declare -A service_pid service_url
for transport in $transports; do
    for server in nestling nestjs; do
        "start_$transport" "$server"
        service_pid[$server.$transport]=$pid
        service_url[$server.$transport]=$url
        bench "$url" echo --payload 32 --duration 2s >/dev/null
    done
    for bytes in 32 4096; do
        for ((round = 0; round < rounds; round++)); do
            for in_flight in "${loads[@]}"; do
                turn nestling "$transport" "$in_flight" "$bytes"
                turn nestjs "$transport" "$in_flight" "$bytes"
            done
        done
        printf '\n| %s: echo of %s bytes, in flight | requests/s, Nestling | NestJS 12 | ratio | service CPU, Nestling | NestJS 12 | ratio | p50 and p99, Nestling | NestJS 12 |\n' "${transport^^}" "$bytes"
        printf '|---|---|---|---|---|---|---|---|---|\n'
        for in_flight in "${loads[@]}"; do
            awk -v n="$in_flight" \
                -v a="$(of nestling "$in_flight" rate)" -v b="$(of nestjs "$in_flight" rate)" \
                -v c="$(of nestling "$in_flight" cpu)" -v d="$(of nestjs "$in_flight" cpu)" \
                -v e="$(of nestling "$in_flight" p50)" -v f="$(of nestling "$in_flight" p99)" \
                -v g="$(of nestjs "$in_flight" p50)" -v h="$(of nestjs "$in_flight" p99)" 'BEGIN {
                    printf "| %d | %d | %d | %.1f | %.2f µs | %.2f µs | 1/%.1f | %d and %d µs | %d and %d µs |\n",
                        n, a, b, a / b, c, d, d / c, e, f, g, h }'
        done
    done
done

[[ $transports == *tcp* ]] || exit 0
printf '\n| memory of the server, MB | Nestling | NestJS 12 |\n|---|---|---|\n'
declare -A started connected evt evtpair
ulimit -n $((idle + 512)) 2>/dev/null || true
for server in nestling nestjs; do
    start_tcp "$server"
    started[$server]=$(memory "$pid" VmRSS)
    open=()
    for ((n = 0; n < idle; n++)); do
        exec {socket}<>"/dev/tcp/127.0.0.1/${url##*:}"
        open+=("$socket")
    done
    sleep 1
    connected[$server]=$(memory "$pid" VmRSS)
    for socket in "${open[@]}"; do exec {socket}>&-; done
    for event in evt evtpair; do
        start_tcp "$server"
        # What was emitted faster than handled is still being handled at the end: the peak counts.
        bench "$url" "$event" --payload 32 --events --duration "${seconds}s" >/dev/null || true
        declare "peak=$(memory "$pid" VmHWM)"
        eval "$event[\$server]=\$peak"
        kill -9 "$pid"
    done
done
printf '| after its start | %s | %s |\n' "${started[nestling]}" "${started[nestjs]}"
printf '| with %s idle connections | %s | %s |\n' "$idle" "${connected[nestling]}" "${connected[nestjs]}"
printf '| peak, events faster than two handlers that print | %s | %s |\n' "${evt[nestling]}" "${evt[nestjs]}"
printf '| peak, events faster than handlers of 50 and 80 ms | %s | %s |\n' "${evtpair[nestling]}" "${evtpair[nestjs]}"
