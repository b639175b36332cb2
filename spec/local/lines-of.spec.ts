import { Readable } from 'node:stream';
import { expect } from 'chai';
import { linesOf } from '../../lib/local/commands/lines-of.js';

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
});
