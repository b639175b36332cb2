import { expect } from 'chai';
import { durationText, ownTerminal } from '../../lib/local/commands/terminal.js';

describe('The output of commands', () => {
  it('shows a duration in the unit in which it is rounded', () => {
    const shown = {
      0.4: '0.40 ms',
      9.996: '10 ms',
      820: '820 ms',
      999.7: '1.0 s',
      3100: '3.1 s',
      59970: '1 min 0 s',
      119700: '2 min 0 s',
      125000: '2 min 5 s',
    };
    const texts = Object.keys(shown).map((ms) => [ms, durationText(Number(ms))]);
    expect(Object.fromEntries(texts)).to.deep.equal(shown);
    expect(durationText(null)).to.equal('open');
  });

  it('has no styles on standard error when that is a file, even if standard output is a terminal', () => {
    const { stdout, stderr } = process;
    const were = [stdout.isTTY, stderr.isTTY, stderr.write] as const;
    let written = '';
    try {
      stdout.isTTY = true;
      stderr.isTTY = false;
      stderr.write = ((text: string) => {
        written += text;
        return true;
      }) as typeof stderr.write;
      const { note } = ownTerminal(true);
      note('\u001b[36mhttp://127.0.0.1:7263\u001b[39m');
    } finally {
      [stdout.isTTY, stderr.isTTY, stderr.write] = were;
    }
    expect(written).to.equal('http://127.0.0.1:7263\n');
  });
});
