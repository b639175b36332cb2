import { expect } from 'chai';
import sinon from 'sinon';
import { isWatched, stayOpen } from '../../samples/demo/ending.js';
import { plain } from '../../samples/paint.js';

describe('Demo, how it ends', () => {
  let clock: sinon.SinonFakeTimers;
  let printed: string[];
  beforeEach(() => {
    printed = [];
    sinon.stub(console, 'log').callsFake((line) => void printed.push(String(line)));
    clock = sinon.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });
  afterEach(() => sinon.restore());

  /** Begins to stay open; `isOver()` tells whether it has ended. */
  function begin(connections: () => number) {
    let isOver = false;
    const over = stayOpen({ connections: async () => connections() }, ['the link'], true, plain).then(() => {
      isOver = true;
    });
    return { over, isOver: () => isOver };
  }

  it('stays only if a terminal is there', () => {
    const tty = { isTTY: true } as NodeJS.Process['stdin'] & NodeJS.Process['stdout']; // all that is looked at
    const pipe = {} as typeof tty; // the same
    expect(isWatched({ stdin: tty, stdout: tty, env: {} })).to.equal(true);
    expect(isWatched({ stdin: tty, stdout: pipe, env: {} })).to.equal(false);
    expect(isWatched({ stdin: pipe, stdout: tty, env: {} })).to.equal(false);
    expect(isWatched({ stdin: tty, stdout: tty, env: { CI: 'true' } })).to.equal(false);
  });

  it('stays as long as a page is open, and a minute more', async () => {
    let open = 1;
    const { over, isOver } = begin(() => open);
    await clock.tickAsync(600_000);
    expect(isOver()).to.equal(false);
    open = 0;
    await clock.tickAsync(59_000);
    expect(isOver()).to.equal(false);
    await clock.tickAsync(1000);
    await over;
    expect(printed.join('\n')).to.include('the link').and.include('Ctrl+C');
  });

  it('ends on Ctrl+C, and removes its listener', async () => {
    // Others may listen, too: a client that another spec has left would end this process with a real signal.
    const others = process.rawListeners('SIGINT');
    const { over } = begin(() => 1);
    const [own] = process.rawListeners('SIGINT').filter((each) => !others.includes(each));
    own?.call(process, 'SIGINT');
    await over;
    expect(process.rawListeners('SIGINT')).to.deep.equal(others);
    expect(clock.countTimers()).to.equal(0);
  });
});
