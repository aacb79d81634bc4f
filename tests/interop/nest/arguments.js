import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/**
 * Reads `--nest 12|11 --tcp HOST:PORT [--cert FILE --key FILE] [--ca FILE]`, the same for both programs.
 *
 * Returns that NestJS, and the options of its TCP transport. Any of the three files turns TLS on; at the service,
 * `--ca` asks clients for a certificate.
 */
export async function fromCommandLine() {
  const text = { type: 'string' };
  const { values } = parseArgs({ options: { nest: text, tcp: text, cert: text, key: text, ca: text } });
  const address = /^\[?(.+?)\]?:(\d+)$/.exec(values.tcp ?? '');
  if (!['11', '12'].includes(values.nest) || !address) {
    console.error('usage: --nest 12|11 --tcp HOST:PORT [--cert FILE --key FILE] [--ca FILE]');
    process.exit(2);
  }
  const files = ['cert', 'key', 'ca'].filter((name) => values[name]);
  const tls = Object.fromEntries(files.map((name) => [name, readFileSync(values[name])]));
  return {
    nest: await import(`./v${values.nest}/nest.js`),
    options: {
      host: address[1],
      port: Number(address[2]),
      ...(files.length > 0 && { tlsOptions: tls }),
    },
  };
}
