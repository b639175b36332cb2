import { expect } from 'chai';
import { openSqlite } from '../../lib/local/store/sqlite.js';

describe('SQLite', () => {
  it('continues after a row whose id is above 2^53, as the index of words writes them', async () => {
    const database = await openSqlite(':memory:');
    database.exec('CREATE TABLE big (id INTEGER PRIMARY KEY)');
    expect(database.prepare('INSERT INTO big (id) VALUES (9007611571601408)').run()).to.equal(1);
    for (const sql of ['BEGIN IMMEDIATE', 'DELETE FROM big', 'COMMIT']) database.prepare(sql).run();
    expect(database.prepare('INSERT INTO big (id) VALUES (?)').insert(7)).to.equal(7);
    expect(database.prepare('SELECT id FROM big').all()).to.deep.equal([{ id: 7 }]);
    database.close();
  });
});
