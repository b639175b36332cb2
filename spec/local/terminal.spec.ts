import { expect } from 'chai';
import { durationText } from '../../lib/local/command-line/number-text.js';
import { ownTerminal, table } from '../../lib/local/command-line/terminal.js';

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
    expect(durationText(-5000)).to.equal('0.00 ms'); // the clock was set back
  });

  it('aligns columns by the width of letters in a terminal', () => {
    const names = ['plain', '検索', '검색', '🔎 find', 'e\u0301te\u0301', 'ｆｕｌｌ', '👩‍🔬', '\u200b'];
    const rows = names.map((text) => [{ text }, { text: '|' }]);
    expect(table(rows).map((line) => line.replace(/ +\|$/, (space) => `${space.length - 1}`))).to.deep.equal([
      ...['plain5', '検索6', '검색6', '🔎 find3', 'e\u0301te\u03017', 'ｆｕｌｌ2', '👩‍🔬8', '\u200b10'],
    ]);
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
