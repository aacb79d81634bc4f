// The reference service, by NestJS.
//
//     node service.js --nest 12 --tcp 127.0.0.1:4000
//     node service.js --nest 12 --nats nats://127.0.0.1:4222
//
// It prints `listening HOST:PORT` (port 0 takes a free one) or `listening URL`, then one JSON line per event and subscriber:
// {"event":..,"subscriber":..,"data":..}. What NestJS logs goes to stderr. SIGTERM ends it.
import { fromCommandLine } from './arguments.js';
import { handlers } from './reference.js';

const { nest, transport, options } = await fromCommandLine();
const { Controller, Module } = nest.common;
const { Ctx, Payload, Transport } = nest.microservices;

function log(event, subscriber, data) {
  console.log(JSON.stringify({ event, subscriber, data }));
}

// What TypeScript makes of a class whose methods are `@MessagePattern(..) handle(@Payload() data, @Ctx() context)`.
class Reference {}
for (const [number, [decorators, handle]] of handlers(nest, log).entries()) {
  const name = `handler${number}`;
  Reference.prototype[name] = function (data, context) {
    return handle(data, context);
  };
  Payload()(Reference.prototype, name, 0);
  Ctx()(Reference.prototype, name, 1);
  const method = Object.getOwnPropertyDescriptor(Reference.prototype, name);
  Reflect.decorate(decorators, Reference.prototype, name, method);
}
Reflect.decorate([Controller()], Reference);

class Root {}
Reflect.decorate([Module({ controllers: [Reference] })], Root);

if (options.tlsOptions?.ca) {
  Object.assign(options.tlsOptions, { requestCert: true, rejectUnauthorized: true });
}
const [silent, loud] = [() => {}, console.error];
const app = await nest.core.NestFactory.createMicroservice(Root, {
  transport: Transport[transport],
  options,
  logger: { debug: silent, verbose: silent, log: silent, warn: loud, error: loud, fatal: loud },
});
process.once('SIGTERM', () => app.close().then(() => process.exit(0)));
await app.listen();
if (transport === 'NATS') {
  await app.unwrap().flush(); // the server has seen every subscription
  console.log(`listening ${options.servers[0]}`);
} else {
  console.log(`listening ${options.host}:${app.unwrap().address().port}`);
}
