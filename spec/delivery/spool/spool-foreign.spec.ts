import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { names, spoolScene, warnings } from './spool-scene.js';

describe('Spool with foreign files in it', () => {
  const scene = spoolScene();
  const { lane, leave, left, spools, start, stored } = scene;

  const fifo = (path: string) => void execFileSync('mkfifo', [path]);
  const file = (path: string) => writeFileSync(path, 'not ours');
  const dangling = (path: string) => symlinkSync(join(scene.spool.path, 'nowhere'), path);
  const folder = (path: string) => mkdirSync(path);
  const kinds = { 'a file': file, 'a FIFO': fifo, 'a dangling link': dangling };

  async function delivers(thing: string): Promise<void> {
    const { delivery, lines } = start();
    expect(await delivery.flush()).to.include({ ok: true, delivered: 3 });
    await delivery.shutdown();
    expect(stored()).to.deep.equal(names(3));
    expect(warnings(lines), warnings(lines).join('\n')).to.have.length(1);
    expect(warnings(lines)[0]).to.include(thing);
    expect(warnings(lines)[0]).to.match(/it stays there/);
    const isThere = scene.spool.entriesByName().some((name) => name.endsWith(thing));
    expect(isThere, 'the thing is left alone').to.equal(true);
  }

  for (const [what, make] of Object.entries(kinds)) {
    it(`takes over the others past ${what} that is named like a folder that was given up`, async () => {
      await leave(3);
      make(join(lane(), 'free-0000'));
      await delivers('free-0000');
    });
  }

  for (const [what, make] of Object.entries({ ...kinds, 'a folder': folder })) {
    if (what === 'a file') continue; // a file there may be one of the spool
    it(`sends the others past ${what} that is named like a file of items`, async () => {
      await leave(3);
      make(join(left(), '000000.spool'));
      await delivers('000000.spool');
    });
  }

  it('leaves a folder alone that has only foreign files in it', async () => {
    await leave(3);
    mkdirSync(join(lane(), 'free-0000'));
    file(join(lane(), 'free-0000', 'notes.txt'));
    await delivers('free-0000');
  });

  it('does not wait for a FIFO in the place of a journal, and sends no items of that file', async () => {
    await leave(3);
    fifo(join(left(), '000001.done'));
    const { delivery, lines } = start();
    expect(await delivery.shutdown()).to.include({ ok: false, delivered: 0 });
    expect(stored()).to.deep.equal([]);
    expect(spools()).to.have.length(1);
    expect(warnings(lines).length).to.be.within(1, 2);
  });

  it('does not follow a link that stands in the place of a file of items', async () => {
    await leave(3);
    const path = join(left(), '000001.spool');
    renameSync(path, join(scene.spool.path, 'elsewhere'));
    symlinkSync(join(scene.spool.path, 'elsewhere'), path);
    const { delivery } = start();
    await delivery.shutdown();
    expect(stored()).to.deep.equal([]);
    expect(existsSync(join(scene.spool.path, 'elsewhere'))).to.equal(true);
  });

  it('leaves the folder of another user alone', async function () {
    if (process.geteuid?.() !== 0) this.skip(); // only root can give a folder away
    await leave(3);
    mkdirSync(join(lane(), 'free-0000'));
    chownSync(join(lane(), 'free-0000'), 65_534, 65_534);
    await delivers('free-0000');
  });
});
