// NestJS's own client, driven by JSON lines on stdin. Prints one JSON line when a command has come to its end.
//
//     node client.js --nest 12 --tcp 127.0.0.1:4000
//     node client.js --nest 12 --nats nats://127.0.0.1:4222
//
// {"id":1,"send":PATTERN,"data":..,"mode":"all","timeout":1000}
//     prints {"id":1,"values":[..],"end":"complete"|"error"|"timeout","error":..}. `mode` is "all" (what is
//     meant if it is left out), "first" or "take:N"; `timeout` is for the whole call, in milliseconds, 10000 if
//     it is left out. "absent":true sends no data at all. "metadata":{..} rides along: over TCP from NestJS 12 on,
//     over NATS as headers.
// {"id":2,"emit":PATTERN,"data":..}
//     prints {"id":2,"values":[],"end":"complete"} once the event is handed to the socket. "absent", "metadata"
//     and "timeout" as above.
// {"id":3,"concurrent":500,"slow":60,"timeout":1000}
//     calls `sum` 500 times at once; with "slow", every tenth call is one of `slow` with that many milliseconds
//     instead. Prints {"id":3,"right":500,"wrong":0,"failed":{MESSAGE:COUNT},"fast_before_slow":450}, the last
//     being how many calls were answered before the first slow one.
// {"close":true}
//     closes the connection and ends the program; calls still pending end with an error. The end of stdin does
//     the same once all calls have ended.
//
// A value `undefined` is printed as {"$undefined":true}. An error that the service sent is printed as it came,
// one of the client's own, such as a lost connection, as {"$error":NAME,"message":..}.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';

import { fromCommandLine } from './arguments.js';

const { nest, transport, options } = await fromCommandLine();
const { take } = nest.rxjs;

/** Stands for data that NestJS's `send` and `emit` refuse, though its wire does not: null, and no data at all. */
class Refused {
  constructor(data) {
    this.data = data;
  }
}

const metadata = new AsyncLocalStorage();
const plain = (packet) =>
  packet.data instanceof Refused ? { ...packet, data: packet.data.data } : packet;

/** What NestJS's own serializer makes: the packet as JSON, with headers if there are any. */
function natsRecord(packet) {
  const carried = metadata.getStore();
  const headers = carried && nest.nats.headers();
  for (const [name, value] of Object.entries(carried ?? {})) headers.set(name, value);
  return { data: JSON.stringify(plain(packet)), headers };
}

nest.common.Logger.overrideLogger(false); // stdout is for the outcomes
const { ClientNats, ClientTCP } = nest.microservices;
const client =
  transport === 'NATS'
    ? new ClientNats({ ...options, serializer: { serialize: natsRecord } })
    : new ClientTCP({ ...options, serializer: { serialize: plain } });
if (transport === 'TCP') {
  client.setOnDispatchHook?.((packet) => {
    const carried = metadata.getStore();
    if (carried) packet.metadata = carried;
  });
}

const print = (outcome) => console.log(JSON.stringify(outcome));
const shown = (value) => (value === undefined ? { $undefined: true } : value);
const shownError = (error) =>
  error instanceof Error ? { $error: error.name, message: error.message } : shown(error);
const dataOf = ({ absent, data }) => (absent ? new Refused(undefined) : (data ?? new Refused(data)));

/** Follows one call until it ends or its time is up, and resolves to what is printed of it. */
function follow(call, { metadata: carried, mode = 'all', timeout = 10_000 }) {
  const count = mode === 'first' ? 1 : Number(/^take:(\d+)$/.exec(mode)?.[1] ?? Infinity);
  return new Promise((resolve) => {
    const values = [];
    const end = (how) => {
      clearTimeout(timer);
      resolve({ values, ...how });
    };
    const timer = setTimeout(() => {
      end({ end: 'timeout' });
      subscription.unsubscribe();
    }, timeout);
    const subscription = metadata.run(carried, () =>
      call().pipe(take(count)).subscribe({
        next: (value) => values.push(shown(value)),
        complete: () => end({ end: 'complete' }),
        error: (error) => end({ end: 'error', error: shownError(error) }),
      }),
    );
  });
}

async function concurrently(command) {
  const counts = { right: 0, wrong: 0, failed: {}, fast_before_slow: 0 };
  let slowSeen = false;
  const one = async (number) => {
    const slow = command.slow !== undefined && number % 10 === 0;
    const [pattern, data, expected] = slow
      ? ['slow', command.slow, `slow${command.slow}`]
      : ['sum', [number, 1], number + 1];
    const { values, end, error } = await follow(() => client.send(pattern, data), command);
    if (end !== 'complete') {
      const message = error?.message ?? end;
      counts.failed[message] = (counts.failed[message] ?? 0) + 1;
      return;
    }
    counts[values.length === 1 && values[0] === expected ? 'right' : 'wrong'] += 1;
    slowSeen ||= slow;
    counts.fast_before_slow += slowSeen ? 0 : 1;
  };
  await Promise.all(Array.from({ length: command.concurrent }, (_, number) => one(number)));
  return counts;
}

async function outcome(command) {
  if ('send' in command) {
    return follow(() => client.send(command.send, dataOf(command)), command);
  }
  if ('emit' in command) {
    const handedOver = await follow(() => client.emit(command.emit, dataOf(command)), command);
    return { ...handedOver, values: [] };
  }
  if ('concurrent' in command) {
    return concurrently(command);
  }
  throw new Error(`not a command: ${JSON.stringify(command)}`);
}

const pending = new Set();
let told = false;
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  if (command.close) {
    told = true;
    break;
  }
  const printed = outcome(command).then((ended) => print({ id: command.id, ...ended }));
  pending.add(printed);
  printed.finally(() => pending.delete(printed));
}
// NestJS hands a call to the socket only after a promise or two: `close` must not come between.
await (told ? setImmediate() : Promise.all(pending));
client.close();
await Promise.all(pending);
process.exit(0); // without waiting for the service to close its half of the connection
