// Every row of rows.json and events.json, NestJS against NestJS, each major at either end: what another
// implementation must equal.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { startClient, startService } from './programs.js';

const read = (name) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url)));
const majors = ['12', '11'];

for (const served of majors) {
  for (const driven of majors) {
    test(`rows: NestJS ${driven} calls NestJS ${served}`, async (t) => {
      const service = await startService(t, served);
      const client = startClient(t, driven, service.address);
      const rows = read('rows.json').filter(({ nest = 0 }) => nest <= Math.min(served, driven));
      const command = ({ pattern, nest, values, end, error, ...how }) => ({ send: pattern, ...how });
      const outcomes = await client.ask(...rows.map(command));
      for (const [index, { pattern, values, end, error }] of rows.entries()) {
        const expected = { values, end, ...(end === 'error' && { error }) };
        assert.deepEqual(outcomes[index], expected, `row ${index}, ${JSON.stringify(pattern)}`);
      }
    });

    test(`events: NestJS ${driven} emits to NestJS ${served}`, async (t) => {
      const service = await startService(t, served);
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
