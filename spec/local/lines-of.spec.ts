import { Readable } from 'node:stream';
import { expect } from 'chai';
import { linesOf } from '../../lib/local/command-line/lines-of.js';

describe('Lines of a stream', () => {
  it('begin without a byte order mark, and end at line feeds only', async () => {
    const found = [];
    const text = '\ufeff{"a":1}\r\n\n{"b":"\u2028"}';
    for await (const some of linesOf(Readable.from([Buffer.from(text)]))) found.push(...some);
    expect(found).to.deep.equal([
      { text: '{"a":1}\r', number: 1 },
      { text: '{"b":"\u2028"}', number: 3 },
    ]);
  });

  it('are read from UTF-16, too, in which Windows PowerShell writes files', async () => {
    const found = [];
    const bytes = Buffer.from('\ufeff{"a":"é🐼"}\r\n{"b":2}\r\n', 'utf16le');
    // Cut within a letter.
    const parts = [bytes.subarray(0, 13), bytes.subarray(13)];
    for await (const some of linesOf(Readable.from(parts))) found.push(...some);
    expect(found.map(({ text }) => JSON.parse(text))).to.deep.equal([{ a: 'é🐼' }, { b: 2 }]);
  });
});
