import { rmSync } from 'node:fs';
import { expect } from 'chai';
import { openSqlite } from '../../lib/local/store/sqlite.js';
import { Store } from '../../lib/local/store/store.js';
import { Issues } from '../../lib/local/wire/issues.js';
import { readTrace } from '../../lib/local/wire/records.js';
import { id, startRunning, temporaryFolder, trace } from '../support/local-server.js';
import { listenToStderr } from '../support/stderr.js';

describe('A file that cannot be written to for a while', () => {
  it('makes an OpenTelemetry exporter send the spans again', async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/traces.db`;
    await using running = await startRunning({ path });
    const times = { startTimeUnixNano: '1700000000000000000', endTimeUnixNano: '1700000001000000000' };
    const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), name: 'ask', kind: 1, ...times };
    const body = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
    const send = () => running.call('POST', '/v1/traces', body, { 'Content-Type': 'application/json' });
    const silent = listenToStderr();
    const other = await openSqlite(path);
    other.exec('BEGIN IMMEDIATE');
    const refused = await send();
    other.exec('COMMIT');
    other.close();
    silent.restore();
    expect([refused.status, refused.body.code]).to.deep.equal([503, 14]);
    expect(refused.body.message).to.include('another program has locked it');
    expect((await send()).status).to.equal(200);
  }).timeout(20_000);
});

describe('A file that is removed while it is written to', () => {
  it('makes writes fail with advice to export, and can still be read', async function () {
    if (process.platform === 'win32') this.skip(); // an open file cannot be removed
    await using folder = await temporaryFolder();
    const path = `${folder.path}/traces.db`;
    await using running = await startRunning({ path });
    await running.call('POST', '/traces', trace(1));
    const silent = listenToStderr();
    rmSync(path);
    const { status, body } = await running.call('POST', '/traces', trace(2));
    silent.restore();
    expect(status).to.equal(500);
    expect(body.detail).to.include('another program has changed or removed it').and.include('pandaprobe-ts export');
    expect((await running.call('GET', `/traces/${id(1)}`)).body.name).to.equal('trace-1');
  });
});

describe('Writes that wait together', () => {
  it('fail after one wait if another program has locked the file', async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/traces.db`;
    const store = await Store.open(path);
    const project = store.projects.findOrMake('spec');
    store.database.tryExec('PRAGMA busy_timeout = 200');
    const other = await openSqlite(path);
    other.exec('BEGIN IMMEDIATE');
    const put = (n: number) => {
      const read = readTrace(trace(n), new Issues());
      if (read === undefined) throw new Error('it is no trace');
      return store.putTrace(project, read, null);
    };
    const startedAt = performance.now();
    const results = await Promise.allSettled([1, 2, 3, 4, 5, 6].map(put));
    expect(performance.now() - startedAt).to.be.below(600);
    expect(results.map(({ status }) => status)).to.deep.equal(Array(6).fill('rejected'));
    other.exec('COMMIT');
    other.close();
    await put(7);
    expect(store.readTrace(project, id(7))).to.include('trace-7');
    store.close();
  });
});
