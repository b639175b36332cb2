import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { hasMark, leaveMark } from '../../lib/common/local-mark.js';

describe('The mark of a local server', () => {
  const before = process.env.TMPDIR;
  const port = 7263;
  let folder: string;
  let mark: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mark-'));
    process.env.TMPDIR = folder;
    mark = join(folder, `pandaprobe-local-${port}`);
  });
  afterEach(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(folder, { recursive: true, force: true });
  });

  it('is there while the server runs', () => {
    expect(hasMark(port)).to.equal(false);
    const takeAway = leaveMark(port);
    expect([hasMark(port), hasMark(port + 1)]).to.deep.equal([true, false]);
    takeAway();
    expect([hasMark(port), existsSync(mark)]).to.deep.equal([false, false]);
  });

  it('of a killed server is ignored, and replaced by the next server', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(mark, String(pid));
    expect(hasMark(port)).to.equal(false);
    leaveMark(port);
    expect(hasMark(port)).to.equal(true);
  });

  for (const text of ['', '0', '-1', 'x', '1e3', `${process.pid} `]) {
    it(`is ignored with ${JSON.stringify(text)} in it`, () => {
      writeFileSync(mark, text);
      expect(hasMark(port)).to.equal(false);
    });
  }

  it('is neither written nor read through a file that somebody else has put there', function () {
    if (process.platform === 'win32') return this.skip();
    const mine = join(folder, 'mine');
    writeFileSync(mine, String(process.pid));
    symlinkSync(mine, mark);
    expect(hasMark(port)).to.equal(false);
    const takeAway = leaveMark(port);
    expect(readFileSync(mine, 'utf8')).to.equal(String(process.pid));
    expect(lstatSync(mark).isFile()).to.equal(true);
    takeAway();
    execFileSync('mkfifo', [mark]); // whoever reads it waits for ever
    expect(hasMark(port)).to.equal(false);
    rmSync(mark);
    mkdirSync(mark);
    expect(hasMark(port)).to.equal(false);
    leaveMark(port)();
    expect(lstatSync(mark).isDirectory()).to.equal(true);
  });
});
