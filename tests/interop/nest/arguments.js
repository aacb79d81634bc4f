import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const usage = 'usage: --nest 12|11 (--tcp HOST:PORT [--cert FILE --key FILE] [--ca FILE] | --nats URL)';

/**
 * Reads `--nest 12|11` and either `--tcp HOST:PORT [--cert FILE --key FILE] [--ca FILE]` or `--nats URL`, the same for
 * both programs.
 *
 * Returns that NestJS, the name of the transport, and its options. Any of the three files turns TLS on; at the service,
 * `--ca` asks clients for a certificate.
 */
export async function fromCommandLine() {
  const text = { type: 'string' };
  const options = { nest: text, tcp: text, nats: text, cert: text, key: text, ca: text };
  const { values } = parseArgs({ options });
  const address = /^\[?(.+?)\]?:(\d+)$/.exec(values.tcp ?? '');
  if (!['11', '12'].includes(values.nest) || !(address || values.nats)) {
    console.error(usage);
    process.exit(2);
  }
  const nest = await import(`./v${values.nest}/nest.js`);
  if (values.nats) {
    return { nest, transport: 'NATS', options: { servers: [values.nats] } };
  }
  const files = ['cert', 'key', 'ca'].filter((name) => values[name]);
  const tls = Object.fromEntries(files.map((name) => [name, readFileSync(values[name])]));
  return {
    nest,
    transport: 'TCP',
    options: {
      host: address[1],
      port: Number(address[2]),
      ...(files.length > 0 && { tlsOptions: tls }),
    },
  };
}
