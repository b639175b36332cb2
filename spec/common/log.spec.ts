import { expect } from 'chai';
import sinon from 'sinon';
import { createLog, silentLog } from '../../lib/common/log.js';
import { real } from '../../lib/common/real-time.js';

describe('createLog', () => {
  function logAt() {
    const state = { now: 0 };
    const lines: string[] = [];
    const log = createLog({ debug: false, write: (line) => lines.push(line), now: () => state.now });
    return { state, lines, log };
  }

  it('writes one line with its level', () => {
    const { lines, log } = logAt();
    log.error('queue full', 'dropped one');
    log.warn('name', 'mended one');
    expect(lines).to.deep.equal(['[pandaprobe] error: dropped one', '[pandaprobe] warning: mended one']);
  });

  it('P16 writes one line a minute for each cause and counts the rest', () => {
    const { state, lines, log } = logAt();
    for (let at = 0; at < 5; at += 1) log.error('down', 'cannot send');
    state.now = 59_999;
    log.error('down', 'cannot send');
    expect(lines).to.have.lengthOf(1);
    state.now = 60_000;
    log.error('down', 'cannot send');
    expect(lines[1]).to.equal('[pandaprobe] error: cannot send (and 5 more like it)');
    state.now = 120_000;
    log.error('down', 'cannot send');
    expect(lines[2]).to.equal('[pandaprobe] error: cannot send');
  });

  it('P31 holds back no line for longer because the clock was set back', () => {
    const lines: string[] = [];
    const log = createLog({ debug: false, write: (line) => lines.push(line) });
    const wall = sinon.stub(real.Date, 'now').returns(7_200_000);
    const monotonic = sinon.stub(real.performance, 'now').returns(0);
    try {
      log.error('down', 'cannot send');
      wall.returns(0);
      monotonic.returns(60_000);
      log.error('down', 'cannot send');
    } finally {
      sinon.restore();
    }
    expect(lines).to.have.lengthOf(2);
  });

  it('writes debug lines only when asked, and holds none back', () => {
    const { lines, log } = logAt();
    log.debug('detail');
    expect(lines).to.deep.equal([]);
    const loud = createLog({ debug: true, write: (line) => lines.push(line) });
    loud.debug('detail');
    loud.debug('detail');
    expect(lines).to.deep.equal(['[pandaprobe] debug: detail', '[pandaprobe] debug: detail']);
  });

  it('P16 shows control characters and line breaks of foreign text escaped, so that it forges no line', () => {
    const { lines, log } = logAt();
    log.error('a', 'refused: \u001b[2J\u001b[31m\r\n[pandaprobe] error: forged\u0000\u007f\u009b');
    log.warn('b', 'a name \u202ereversed\u2066 and \u2028 more\u2029 é漢😀');
    expect(lines).to.deep.equal([
      '[pandaprobe] error: refused: \\u001b[2J\\u001b[31m\\u000d\\u000a[pandaprobe] error: forged\\u0000\\u007f\\u009b',
      '[pandaprobe] warning: a name \\u202ereversed\\u2066 and \\u2028 more\\u2029 é漢😀',
    ]);
    const loud = createLog({ debug: true, write: (line) => lines.push(line) });
    loud.debug('two\nlines');
    expect(lines[2]).to.equal('[pandaprobe] debug: two\\u000alines');
  });

  it('cuts a very long line', () => {
    const { lines, log } = logAt();
    log.error('a', 'x'.repeat(1e6));
    expect(lines[0]).to.have.length.within(3000, 5000).and.match(/x…$/);
  });

  describe('on stderr', () => {
    afterEach(() => sinon.restore());

    it('ends each line with a line break', () => {
      const write = sinon.stub(process.stderr, 'write').returns(true);
      createLog({ debug: false }).warn('cause', 'text');
      const { args } = write;
      sinon.restore();
      expect(args[0]?.[0]).to.equal('[pandaprobe] warning: text\n');
    });

    it('P11 ignores that stderr is closed', () => {
      sinon.stub(process.stderr, 'write').throws(new Error('EPIPE'));
      expect(() => createLog({ debug: false }).error('cause', 'text')).to.not.throw();
    });
  });
});

describe('silentLog', () => {
  it('says nothing', () => {
    const write = sinon.stub(process.stderr, 'write').returns(true);
    silentLog.error('a', 'b');
    silentLog.warn('a', 'b');
    silentLog.debug('a');
    const { callCount } = write;
    sinon.restore();
    expect(callCount).to.equal(0);
  });
});
