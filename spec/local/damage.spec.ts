import { execFileSync } from 'node:child_process';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { openSqlite } from '../../lib/local/store/sqlite.js';
import { Store } from '../../lib/local/store/store.js';
import { searchTraces } from '../../lib/local/store/trace-search.js';
import { readFilterText } from '../../lib/local/wire/filter-text.js';
import { Issues } from '../../lib/local/wire/issues.js';
import { readTrace } from '../../lib/local/wire/records.js';
import {
  callAt,
  endOf,
  id,
  runCli,
  span,
  spawnServer,
  startRunning,
  temporaryFolder,
  trace,
} from '../support/local-server.js';
import { listenToStderr } from '../support/stderr.js';

const pageBytes = 4096;
const month = 'started_after=2026-03-01T00:00:00Z&started_before=2026-04-01T00:00:00Z';
const reads = [
  '/traces',
  `/traces/${id(5)}`,
  `/traces/${id(150)}`,
  '/sessions',
  '/traces/users',
  `/traces/analytics?metric=models&${month}`,
  '/local/projects',
];

describe('Local server, on a file that is damaged', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let clean: Buffer;
  before(async () => {
    folder = await temporaryFolder();
    const path = join(folder.path, 'clean.db');
    {
      await using running = await startRunning({ path });
      for (let n = 1; n < 300; n += 1) {
        const fields = { input: 'x'.repeat(300), session_id: `chat-${n}`, user_id: 'mina', tags: ['vip'] };
        const spans = [span(n * 10, { model: 'gpt-5.4', kind: 'LLM' }), span(n * 10 + 1)];
        await running.call('POST', '/traces', trace(n, { ...fields, spans }));
      }
      await running.call('PATCH', `/traces/${id(5)}`, { release: '2' });
    }
    clean = await readFile(path);
  });
  after(() => folder[Symbol.asyncDispose]());

  async function damaged(damage: (bytes: Buffer) => void): Promise<string> {
    const path = join(folder.path, `damaged-${Math.random()}.db`);
    const bytes = Buffer.from(clean);
    damage(bytes);
    await writeFile(path, bytes);
    return path;
  }

  /** Reads and writes what there is, and ends the server: every call is answered, and the process does not die of any. */
  async function use(path: string): Promise<{ readonly answers: string[]; readonly err: string }> {
    const { child, url } = await spawnServer(['--file', path]);
    const ended = endOf(child);
    const answers: string[] = [];
    for (const read of reads) {
      const { status, text } = await callAt(url, 'GET', read);
      answers.push(`${status} ${status === 200 ? '' : text}`);
    }
    const { status, text } = await callAt(url, 'POST', '/traces', trace(1000));
    answers.push(`${status} ${text}`);
    child.kill('SIGTERM');
    const { code, err } = await ended;
    expect(code).to.equal(0);
    return { answers, err };
  }

  for (const word of ['COMPLETED', 'spec', '"spans":[', 'chat-', 'gpt-5.4', 'mina', 'vip']) {
    it(`continues when the bytes of ${word} are no longer text`, async () => {
      const path = await damaged((bytes) => {
        for (let at = bytes.indexOf(word); at >= 0; at = bytes.indexOf(word, at + word.length)) bytes[at + 2] = 0xff;
      });
      const { answers } = await use(path);
      for (const answer of answers) expect(answer).to.match(/^(200|202|404|500)/);
    });
  }

  it('answers 500 with the file, the reason and advice, and logs one line', async () => {
    const path = await damaged((bytes) => bytes.fill(0x55, 4 * pageBytes, 6 * pageBytes));
    const { answers, err } = await use(path);
    const failed = answers.filter((answer) => answer.startsWith('500'));
    expect(failed.length).to.be.above(0);
    for (const answer of failed) {
      expect(answer).to.include(`The database ${path} cannot be used: it is damaged (`).and.include('--file');
    }
    expect(err.trim().split('\n')).to.have.length(1);
    expect(err)
      .to.include(path)
      .and.include('It is left as it is')
      .and.include('pandaprobe-ts export')
      .and.include('--file');
  });

  for (const sql of [
    'DROP TABLE search_config',
    'UPDATE search_config SET v = 99',
    "UPDATE search_data SET block = x'ff'",
    'DROP TABLE search_idx',
  ]) {
    it(`says so if the word index is damaged: ${sql}`, async function () {
      const path = await damaged(() => {});
      const other = await openSqlite(path);
      try {
        other.exec(sql);
      } catch (error) {
        // Node 24 lets no program write to these tables.
        if (/may not be/.test(String(error))) this.skip();
        throw error;
      } finally {
        other.close();
      }
      await using running = await startRunning({ path });
      const said = listenToStderr();
      await running.call('POST', '/traces', trace(1000));
      const { status, body } = await running.call('GET', '/local/traces?filter=x');
      said.restore();
      expect(status).to.equal(500);
      // For a missing table, only older versions of SQLite have a message of the word index.
      expect(body.detail).to.match(/cannot be used: it(s word index)? is damaged \(/);
      expect((await running.call('GET', `/traces/${id(1000)}`)).status).to.equal(200);
    });
  }

  it('exits at the start with one line if nothing of it can be read, and leaves it alone', async () => {
    for (const damage of [
      (bytes: Buffer) => bytes.fill(0x55, 100, pageBytes),
      (bytes: Buffer) => bytes.fill(0, 0, 100),
      // Also where it stood before the first page was full.
      (bytes: Buffer) => {
        for (let at = 0; at !== -1; at = bytes.indexOf('CREATE TABLE traces', at + 1))
          if (at > 0) bytes.write('CREATX', at);
      },
    ]) {
      const path = await damaged((bytes) => void damage(bytes));
      const before = await readFile(path);
      const { code, out, err } = await runCli(['local', '--port', '0', '--file', path]);
      expect([code, out]).to.deep.equal([4, '']);
      expect(err.trim().split('\n')).to.have.length(1);
      expect(err).to.include(path).and.include('it is damaged').and.include('--file').and.include('--memory');
      expect((await readFile(path)).equals(before)).to.equal(true);
    }
  });

  it('exits at the start if the file is truncated', async () => {
    const path = join(folder.path, 'cut.db');
    await writeFile(path, clean.subarray(0, 5 * pageBytes + 100));
    const { code, err } = await runCli(['local', '--port', '0', '--file', path]);
    expect([code, err.includes(path)]).to.deep.equal([4, true]);
  });

  it('exits at the start if the path is not a file', async () => {
    const fifo = join(folder.path, 'fifo.db');
    execFileSync('mkfifo', [fifo]);
    for (const path of [fifo, '/dev/null']) {
      const { code, err } = await runCli(['local', '--port', '0', '--file', path]);
      expect(code, path).to.equal(4);
      expect(err).to.include('it is no file').and.include('--memory');
    }
  });

  it('exits at the start if another program has locked the file, and says so', async () => {
    const path = join(folder.path, 'locked.db');
    await copyFile(join(folder.path, 'clean.db'), path);
    const other = await openSqlite(path);
    other.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
    const { code, err } = await runCli(['local', '--port', '0', '--file', path]);
    other.exec('COMMIT');
    other.close();
    expect(code).to.equal(4);
    expect(err).to.include(path).and.include('another program has locked it');
  });

  it('reports a full disk, and answers reads', async function () {
    if (process.platform !== 'linux') this.skip();
    await using running = await startRunning({ path: join(folder.path, 'small.db') });
    await running.call('POST', '/traces', trace(1));
    const other = await openSqlite(join(folder.path, 'small.db'));
    // Another program's statement that fails as the disk does.
    other.exec(
      "CREATE TRIGGER full BEFORE INSERT ON traces BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",
    );
    other.close();
    const said = listenToStderr();
    const reply = await running.call('POST', '/traces', trace(2));
    said.restore();
    expect(said.lines).to.have.length(1);
    expect([reply.status, reply.body.detail]).to.satisfy(([status, detail]: [number, string]) => {
      return status === 500 && detail.includes('the disk is full') && detail.includes('small.db');
    });
    expect((await running.call('GET', `/traces/${id(1)}`)).status).to.equal(200);
  });

  for (const why of ['database or disk is full', 'attempt to write a readonly database', 'database is locked']) {
    it(`lists and searches traces while it cannot index the last ones: ${why}`, async () => {
      const path = await damaged(() => {});
      await using running = await startRunning({ path });
      await running.call('GET', '/local/traces'); // indexes the others
      const other = await openSqlite(path);
      other.exec(`CREATE TRIGGER full BEFORE INSERT ON trace_previews BEGIN SELECT RAISE(ABORT, '${why}'); END`);
      other.close();
      await running.call('POST', '/traces', trace(1000));
      const { status, body } = await running.call('GET', '/local/traces?limit=1');
      expect([status, body.items?.[0]?.name, body.indexing]).to.deep.equal([200, 'trace-1000', 1]);
      const steps = await running.call('GET', '/local/steps?limit=1&filter=kind:llm');
      expect([steps.status, steps.body.items?.length, steps.body.indexing]).to.deep.equal([200, 1, 1]);
    });
  }

  it('finds the other traces if the values of one that is not indexed yet cannot be read', async () => {
    const store = await Store.open(':memory:');
    const project = store.projects.findOrMake('spec');
    for (const n of [1, 2, 3]) {
      const read = readTrace(trace(n, { input: `word${n}` }), new Issues());
      if (read !== undefined) await store.putTrace(project, read, null);
    }
    store.database.run("UPDATE trace_values SET input = '{' WHERE trace = 2");
    expect(store.index.catchUp()).to.equal(0);
    const text = readFilterText('word3', new Issues());
    const found = searchTraces(
      ...([store.database, project.key, {}, text, { by: 'started_at', order: 'desc' }] as const),
      ...([{ limit: 10, offset: 0 }, store.index.hasWords] as const),
    );
    expect(found.items.map(({ name }) => name)).to.deep.equal(['trace-3']);
    store.close();
  });
});
