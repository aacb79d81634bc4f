// Every row of rows.json and events.json, NestJS against NestJS, each major at either end: what another
// implementation must equal.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { startClient, startNats, startService } from './programs.js';

const read = (name) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url)));
const majors = ['12', '11'];

/** What a row comes to over that transport; none if it cannot be asked there. */
function outcomeOf({ values, end, error, nats }, transport) {
  const outcome = { values, end, error, ...(transport === 'NATS' && nats) };
  if (transport === 'NATS' && nats === false) return undefined;
  if (outcome.end !== 'error') delete outcome.error;
  return outcome;
}

for (const transport of ['TCP', 'NATS']) {
  const start = async (t, major) =>
    startService(t, major, transport === 'NATS' ? { nats: await startNats(t) } : {});

  for (const served of majors) {
    for (const driven of majors) {
      test(`rows: NestJS ${driven} calls NestJS ${served} over ${transport}`, async (t) => {
        const service = await start(t, served);
        const client = startClient(t, driven, service.address);
        const rows = read('rows.json').filter(
          (row) => (row.nest ?? 0) <= Math.min(served, driven) && outcomeOf(row, transport),
        );
        const command = ({ pattern, nest, nats, values, end, error, ...how }) => ({ send: pattern, ...how });
        const outcomes = await client.ask(...rows.map(command));
        for (const [index, row] of rows.entries()) {
          const expected = outcomeOf(row, transport);
          assert.deepEqual(outcomes[index], expected, `row ${index}, ${JSON.stringify(row.pattern)}`);
        }
      });

      test(`events: NestJS ${driven} emits to NestJS ${served} over ${transport}`, async (t) => {
        const service = await start(t, served);
        const client = startClient(t, driven, service.address);
        for (const { pattern, printed, ...how } of read('events.json')) {
          assert.deepEqual(await client.ask({ emit: pattern, ...how }), [{ values: [], end: 'complete' }]);
          const lines = [];
          while (lines.length < printed.length) lines.push(await service.json());
          assert.deepEqual(lines, printed);
        }
        // Nothing was printed beside what was awaited.
        await client.ask({ send: 'slow', data: 100 });
        service.process.kill('SIGTERM');
        assert.equal(await service.line(), undefined);
        assert.deepEqual(await service.exited, [0, null]);
      });
    }
  }
}
