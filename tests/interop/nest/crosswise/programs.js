import { spawn } from 'node:child_process';
import { once } from 'node:events';
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

/** A service of that NestJS major, listening; `address` is where. */
export async function startService(t, major, { port = 0, tls = [] } = {}) {
  const service = new Program(t, 'service.js', '--nest', major, '--tcp', `127.0.0.1:${port}`, ...tls);
  service.address = (await service.line()).replace('listening ', '');
  return service;
}

export function startClient(t, major, address, { tls = [] } = {}) {
  return new Program(t, 'client.js', '--nest', major, '--tcp', address, ...tls);
}
