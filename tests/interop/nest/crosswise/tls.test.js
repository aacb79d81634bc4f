// TLS between the two programs, with a certificate asked of the client and without. Needs the `openssl` program.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { startClient, startService } from './programs.js';

const skip = spawnSync('openssl', ['version']).status === 0 ? false : 'no openssl here';

test('TLS', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'interop-tls-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [cert, key] = ['cert.pem', 'key.pem'].map((name) => join(folder, name));
  execFileSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert],
  ], { stdio: 'ignore' });
  const own = ['--cert', cert, '--key', key];
  const trusted = ['--ca', cert];
  const echo = { send: 'echo', data: 'x' };

  for (const major of ['12', '11']) {
    const open = await startService(t, major, { tls: own });
    const [answered] = await startClient(t, major, open.address, { tls: trusted }).ask(echo);
    assert.deepEqual(answered, { values: ['x'], end: 'complete' });
    const [untrusting] = await startClient(t, major, open.address, { tls: own }).ask(echo);
    assert.equal(untrusting.end, 'error');

    const mutual = await startService(t, major, { tls: [...own, ...trusted] });
    const [known] = await startClient(t, major, mutual.address, { tls: [...own, ...trusted] }).ask(echo);
    assert.deepEqual(known, { values: ['x'], end: 'complete' });
    const [unknown] = await startClient(t, major, mutual.address, { tls: trusted }).ask(echo);
    assert.equal(unknown.end, 'error');
  }
});
