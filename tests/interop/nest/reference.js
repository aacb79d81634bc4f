/**
 * What the reference service answers: one row a handler, as `[decorators, handle]`.
 *
 * `nest` is one major of NestJS, `log(event, subscriber, data)` is told of each event.
 */
export function handlers({ common, microservices, rxjs }, log) {
  const { BadRequestException, HttpException, UseGuards, UsePipes } = common;
  const { EventPattern, MessagePattern, RpcException } = microservices;
  const { concat, concatMap, EMPTY, NEVER, of, throwError, timer } = rxjs;

  const on = (pattern, handle, ...more) => [[MessagePattern(pattern), ...more], handle];
  const event = (pattern, subscriber = 'first', handle = (logged) => logged()) => [
    [EventPattern(pattern)],
    (data) => handle(() => log(pattern, subscriber, data)),
  ];
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const after = (ms, values) => timer(ms).pipe(concatMap(() => values));
  const fail = (error) => {
    throw error;
  };
  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  const rpcError = (error) => throwError(() => new RpcException(error));

  return [
    on('sum', sum),
    on({ cmd: 'sum' }, sum),
    on(42, (data) => ({ num: data })),
    on({ b: 1, a: 'x', c: { z: 1, y: true, n: null } }, (data) => ({ nested: data })),
    on([['q1', 'q2']], (data) => ({ arr: data })), // the outer array is NestJS's list of patterns
    on(['m1', 'm2'], (data) => ({ multi: data })),

    on('echo', (data) => data),
    on('undef', () => undefined),
    on('nul', () => null),
    on('zero', () => 0),
    on('emptystr', () => ''),
    on('fals', () => false),
    on('slow', (ms) => sleep(ms).then(() => `slow${ms}`)),
    on('ctx', (data, context) => ({ d: data, pattern: patternOf(context), meta: metadataOf(context) })),

    on('stream', () => of(1, 2, 3)),
    on('promiseobs', async () => of('a', 'b')),
    on('asyncstream', () => concat(after(20, of(1)), after(20, of(2)), after(20, of(3)), after(20, EMPTY))),
    on('empty', () => EMPTY),
    on('streamerr', () => concat(of(1), rpcError('mid'))),
    on('asyncstreamerr', () => concat(of(1), after(20, rpcError('mid')))),
    on('never', () => NEVER),

    on('rpcstr', () => fail(new RpcException('boom'))),
    on('rpcobj', () => fail(new RpcException({ code: 7, message: 'm', extra: [1] }))),
    on('rpcnum', () => fail(new RpcException(5))),
    on('rpcnull', () => fail(new RpcException(null))),
    on('rpcarr', () => fail(new RpcException(['a', 'b']))),
    on('err', () => fail(new Error('secret'))),
    on('http', () => fail(new HttpException('secret', 418))),
    on('throwstr', () => fail('secret')),
    on('throwundef', () => fail(undefined)),
    on('retobs_err', () => throwError(() => new Error('secret'))),
    on('piped', (data) => data, UsePipes({ transform: () => fail(new BadRequestException('secret')) })),
    on('guarded', (data) => data, UseGuards({ canActivate: () => false })),

    event('evt', 'first'),
    event('evt', 'second'),
    event({ ev: 'obj' }),
    event(7),
    event('evtthrow', 'first', (logged) => (logged(), fail(new Error('secret')))),
    event('evtrpcthrow', 'first', (logged) => (logged(), fail(new RpcException('boom')))),
    event('evtpair', 'first', async (logged) => (logged(), fail(new Error('secret')))),
    event('evtpair', 'second', (logged) => sleep(50).then(logged)),
    event('evtpair', 'third', (logged) => sleep(80).then(logged)),
  ];
}

/** Over TCP the pattern, over NATS the subject. */
function patternOf(context) {
  return context.getPattern ? context.getPattern() : context.getSubject();
}

/** Over TCP the packet's metadata, over NATS the headers, as an object; undefined if there are none. */
function metadataOf(context) {
  if (context.getMetadata) return context.getMetadata();
  const headers = context.getHeaders?.();
  return headers && Object.fromEntries(headers.keys().map((name) => [name, headers.get(name)]));
}
