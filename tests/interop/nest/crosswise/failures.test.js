// What the two programs do when many calls fly at once, and when the other side dies.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startClient, startService } from './programs.js';

const closed = { $error: 'Error', message: 'Connection closed' };

test('500 concurrent calls, the fast before the slow', async (t) => {
  const { address } = await startService(t, '12');
  const client = startClient(t, '12', address);
  const [counts] = await client.ask({ concurrent: 500, slow: 1000 });
  assert.deepEqual(counts, { right: 500, wrong: 0, failed: {}, fast_before_slow: 450 });
});

test('a megabyte of mixed planes comes back', async (t) => {
  const { address } = await startService(t, '12');
  const client = startClient(t, '12', address);
  const text = 'aé漢😀'.repeat(100_000);
  assert.equal(Buffer.byteLength(text), 1_000_000);
  assert.deepEqual(await client.ask({ send: 'echo', data: text }), [{ values: [text], end: 'complete' }]);
});

test('a service killed in mid-burst: every call ends, and the next one reaches its successor', async (t) => {
  const service = await startService(t, '12');
  const client = startClient(t, '12', service.address);
  client.tell({ id: 'burst', concurrent: 500, slow: 60_000, timeout: 60_000 });
  // Answered after the sums that were sent before it.
  client.tell({ id: 'marker', send: 'echo', data: 1 });
  assert.equal((await client.json()).id, 'marker');
  service.process.kill('SIGKILL');
  const { right, wrong, failed } = await client.json();
  assert.deepEqual({ right, wrong, failed }, { right: 450, wrong: 0, failed: { 'Connection closed': 50 } });

  const [refused] = await client.ask({ send: 'echo', data: 1 });
  assert.equal(refused.end, 'error');
  assert.match(refused.error.message, /ECONNREFUSED/);

  await startService(t, '12', { port: service.address.split(':')[1] });
  assert.deepEqual(await client.ask({ send: 'echo', data: 2 }), [{ values: [2], end: 'complete' }]);
});

test('a client killed in mid-burst leaves the service serving', async (t) => {
  const service = await startService(t, '12');
  const doomed = startClient(t, '12', service.address);
  doomed.tell({ id: 'burst', concurrent: 500, slow: 200 });
  await doomed.ask({ send: 'echo', data: 1 });
  doomed.process.kill('SIGKILL');
  const client = startClient(t, '12', service.address);
  assert.deepEqual(await client.ask({ send: 'slow', data: 400 }), [{ values: ['slow400'], end: 'complete' }]);
});

test('closing ends what is pending; the end of stdin waits for it', async (t) => {
  const { address } = await startService(t, '12');
  const hasty = startClient(t, '12', address);
  hasty.tell({ id: 1, send: 'echo', data: 'x' });
  await hasty.line();
  hasty.tell({ id: 2, send: 'never', data: 'x' });
  hasty.tell({ close: true });
  assert.deepEqual(await hasty.json(), { id: 2, values: [], end: 'error', error: closed });
  assert.deepEqual(await hasty.exited, [0, null]);

  const patient = startClient(t, '12', address);
  patient.tell({ id: 3, send: 'slow', data: 50 });
  patient.process.stdin.end();
  assert.deepEqual(await patient.json(), { id: 3, values: ['slow50'], end: 'complete' });
  assert.deepEqual(await patient.exited, [0, null]);
});
