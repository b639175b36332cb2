import { expect } from 'chai';
import fc from 'fast-check';
import { cleanText, limitText, type NameFault, repairName } from '../../lib/model/text.js';

describe('cleanText', () => {
  it('removes null characters and lone surrogates, and leaves the rest', () => {
    expect(cleanText('a\0b\ud800c\udc00😀\n')).to.equal('abc😀\n');
  });
});

describe('limitText', () => {
  it('counts code points and never cuts one in two', () => {
    expect(limitText('😀😀😀', 2)).to.equal('😀😀');
    expect(limitText('a😀b', 2)).to.equal('a😀');
    expect(limitText('😀'.repeat(255), 255)).to.equal('😀'.repeat(255));
    expect(limitText('abc', 0)).to.equal('');
  });

  it('keeps any text within its limit a prefix of itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(20), (text, max) => {
        const short = limitText(text, max);
        expect(text.startsWith(short)).to.equal(true);
        expect([...short].length).to.equal(Math.min(max, [...text].length));
      }),
    );
  });
});

describe('repairName', () => {
  function repair(name: unknown): [string, NameFault[]] {
    const faults: NameFault[] = [];
    return [repairName(name, 'fallback', (fault) => faults.push(fault)), faults];
  }

  it('keeps a valid name and says nothing', () => {
    expect(repair('support-agent')).to.deep.equal(['support-agent', []]);
    expect(repair('漢'.repeat(512))).to.deep.equal(['漢'.repeat(512), []]);
  });

  it('uses the fallback for an invalid name', () => {
    expect(repair('')).to.deep.equal(['fallback', ['empty']]);
    expect(repair(' \0 ')).to.deep.equal(['fallback', ['empty']]);
    expect(repair(undefined)).to.deep.equal(['fallback', ['not a string']]);
    expect(repair({})).to.deep.equal(['fallback', ['not a string']]);
  });

  it('cuts and cleans a text that is too long or unclean', () => {
    expect(repair('😀'.repeat(513))).to.deep.equal(['😀'.repeat(512), ['too long']]);
    expect(repair('a\0b')).to.deep.equal(['ab', ['not well-formed']]);
  });
});
