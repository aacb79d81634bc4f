#!/bin/sh
# Instructions of one operation, which are exact where times are noisy: each workload runs under callgrind twice,
# the second time OPERATIONS more often, and the difference is shared among those. Needs valgrind. PROFILE=dev shows
# that the script runs, and nothing else: it takes a fraction of the time to compile.
set -eu
cd "$(dirname "$0")"
PROFILE=${PROFILE:-release}
FIRST=${FIRST:-2048}
OPERATIONS=${OPERATIONS:-10240}
WIDTHS=${WIDTHS:-1 8 64}

cargo build --quiet --profile "$PROFILE" --bin probe
folder=$PROFILE
[ "$PROFILE" != dev ] || folder=debug

instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "${CARGO_TARGET_DIR:-target}/$folder/probe" "$1" "$2" "$3" 2>&1 |
        sed -n 's/.*Collected : *//p'
}

each() {
    few=$(instructions "$1" "$2" "$FIRST")
    many=$(instructions "$1" "$2" $((FIRST + OPERATIONS)))
    echo $(((many - few) / OPERATIONS))
}

printf '%-48s %12s %7s\n' 'instructions of one operation' 'callgrind' 'ratio'
compare() {
    workload=$1 label=$2 base=
    shift 2
    for peer; do
        count=$(each "$workload" "$peer")
        base=${base:-$count}
        printf '%-48s %12s %7s\n' "$label, $peer" "$count" "$(awk "BEGIN { printf \"x%.2f\", $count / $base }")"
    done
}

compare request 'request, 1 in flight' actix actix-0 nestling nestling-addr
compare bulk 'request, 1,000 in flight' actix actix-0 nestling nestling-addr
for width in $WIDTHS; do
    compare emit-$width "emit to $width, one at a time" actix nestling nestling-delivery
    compare emit-$width-batch "emit to $width, batches of 64" actix nestling nestling-delivery
done
