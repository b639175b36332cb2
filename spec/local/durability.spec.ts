import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { schemaVersion } from '../../lib/local/store/schema.js';
import { openSqlite } from '../../lib/local/store/sqlite.js';
import {
  callAt,
  id,
  known,
  runCli,
  span,
  spawnServer,
  startRunning,
  temporaryFolder,
  trace,
} from '../support/local-server.js';

describe('Local server, what it keeps', () => {
  it('has every acknowledged trace after kill -9 under load', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'deep/er/traces.db');
    const { child, url } = await spawnServer(['--file', file]);
    const acknowledged: number[] = [];
    let next = 1;
    const client = async () => {
      for (;;) {
        const n = next++;
        const body = trace(n, { spans: [1, 2, 3].map((at) => span(n * 10 + at, { cost: { total: 1 } })) });
        const reply = await callAt(url, 'POST', '/traces', body).catch(() => undefined);
        if (reply?.status !== 202) return;
        acknowledged.push(n);
        if (acknowledged.length === 400) child.kill('SIGKILL');
      }
    };
    await Promise.all(Array.from({ length: 8 }, client));
    expect(acknowledged.length).to.be.at.least(400);

    await using again = await startRunning({ path: file });
    for (const n of acknowledged)
      expect((await again.call('GET', `/traces/${id(n)}`)).body?.spans, `trace ${n}`).to.have.lengthOf(3);
    const { body } = await again.call('GET', '/traces?limit=200');
    expect(body.total).to.be.at.least(acknowledged.length);
    for (const item of body.items) expect(item).to.include({ span_count: 3, total_cost: 3 });
  });

  it('keeps everything from one start to the next', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'traces.db');
    {
      await using first = await startRunning({ path });
      await first.call('POST', '/traces', trace(1, { tags: ['a'] }));
    }
    await using second = await startRunning({ path });
    expect((await second.call('GET', '/traces?tags=a')).body.total).to.equal(1);
    const { body } = await second.call('GET', `/traces/${id(1)}`);
    await second.call('POST', '/traces', trace(2));
    expect((await second.call('GET', `/traces/${id(2)}`)).body.project_id).to.equal(body.project_id);
  });

  it('exits with its own code for a file of a newer version, and leaves it alone', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'traces.db');
    const database = await openSqlite(path);
    database.exec(`PRAGMA user_version = ${schemaVersion + 1}`);
    database.close();
    const { code, err } = await runCli(['local', '--port', '0', '--file', path]);
    expect(code).to.equal(5);
    expect(err).to.include('newer version').and.not.include('    at ');
  });

  it('exits with its own code for a file that is not its own, or cannot be created', async () => {
    await using folder = await temporaryFolder();
    const other = join(folder.path, 'other.db');
    await writeFile(other, 'not a database, but long enough to look at '.repeat(100));
    await mkdir(join(folder.path, 'folder.db'));
    for (const path of [other, join(other, 'below.db'), join(folder.path, 'folder.db')]) {
      const { code, err } = await runCli(['local', '--port', '0', '--file', path]);
      expect(code, path).to.equal(4);
      expect(err).to.include('--memory').and.not.include('    at ');
    }
  });

  it('exits with its own code for the database of another program, and leaves it alone', async () => {
    await using folder = await temporaryFolder();
    for (const [name, version] of [
      ['zero.db', 0],
      ['one.db', 1],
    ] as const) {
      const path = join(folder.path, name);
      const database = await openSqlite(path);
      database.exec(`CREATE TABLE notes (text TEXT); PRAGMA user_version = ${version}`);
      database.close();
      const before = await readFile(path);
      const { code, err } = await runCli(['local', '--port', '0', '--file', path]);
      expect(code, path).to.equal(4);
      expect(err).to.include('another program').and.not.include('    at ');
      expect((await readFile(path)).equals(before)).to.equal(true);
      expect(await readdir(folder.path))
        .to.include(name)
        .and.not.include(`${name}-wal`);
    }
  });

  it('reports a second server on the same port', async () => {
    await using running = await startRunning();
    const { code, err } = await runCli(['local', '--memory', '--port', String(running.server.port)]);
    expect(code).to.equal(3);
    expect(err).to.include('already').and.include(running.server.url);
  });

  it('exits cleanly on request, with a request under way', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'traces.db');
    const { child, url } = await spawnServer(['--file', path]);
    const events = await fetch(`${url}/local/events`);
    const sent = callAt(url, 'POST', '/traces', trace(1));
    await sent;
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).to.equal(0);
    await events.text().catch(() => '');
    await using again = await startRunning({ path });
    expect((await again.call('GET', '/traces')).body.total).to.equal(1);
  });

  it('sends each change once, to the listeners of the project', async () => {
    await using running = await startRunning();
    const read = async (project: string) => {
      const { body } = await fetch(`${running.server.url}/local/events?project=${project}`);
      if (body === null) throw new Error('no events');
      return body.pipeThrough(new TextDecoderStream()).getReader();
    };
    const reader = await read('spec');
    await running.call('POST', '/traces', trace(1));
    await running.call('POST', `/traces/${id(1)}/spans`, [span(1)]);
    await running.call('POST', '/traces', trace(2), { ...known, 'X-Project-Name': 'other' });
    await running.call('DELETE', `/traces/${id(1)}`);
    let text = '';
    while (!text.includes('data:')) text += (await reader.read()).value ?? '';
    const told = [...text.matchAll(/^data: (.*)$/gm)].map(([, json = '']) => JSON.parse(json));
    expect(told).to.deep.equal([{ trace_id: id(1), project: 'spec' }]);
    await reader.cancel();
  });
});
