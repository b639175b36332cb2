import { expect } from 'chai';
import { openSqlite } from '../../lib/local/store/sqlite.js';
import { Store } from '../../lib/local/store/store.js';
import { Issues } from '../../lib/local/wire/issues.js';
import { readTrace } from '../../lib/local/wire/records.js';
import { id, temporaryFolder, trace } from '../support/local-server.js';

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
