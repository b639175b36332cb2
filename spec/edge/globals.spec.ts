import { Buffer as NodeBuffer } from 'node:buffer';
import { expect } from 'chai';
import fc from 'fast-check';
import { Buffer } from '../../lib/edge/globals.js';

const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());

describe('The Buffer of edge runtimes', () => {
  it('counts the bytes of a text as Node does, lone surrogates included', () => {
    const units = fc.array(fc.constantFrom('a', 'é', '€', '\ud83d', '\ude00', '\ud800', '\udfff', '\0'));
    fc.assert(fc.property(units, (all) => check(all.join(''))));
    fc.assert(fc.property(texts, check));

    function check(text: string): void {
      expect(Buffer.byteLength(text)).to.equal(NodeBuffer.byteLength(text));
    }
  });

  it('writes and reads texts as Node does', () => {
    fc.assert(
      fc.property(texts, fc.nat(10), (text, at) => {
        const [own, node] = [Buffer.alloc(at + 3 * text.length), NodeBuffer.alloc(at + 3 * text.length)];
        expect(own.write(text, at)).to.equal(node.write(text, at));
        expect([...own]).to.deep.equal([...node]);
        expect(Buffer.from(text).toString()).to.equal(NodeBuffer.from(text).toString());
      }),
    );
  });

  it('has the forms in which a key is looked for', () => {
    fc.assert(
      fc.property(texts, (text) => {
        for (const form of ['hex', 'base64'] as const) {
          const own = Buffer.concat([Buffer.alloc(2), Buffer.from(text)]);
          expect(own.toString(form)).to.equal(
            NodeBuffer.concat([NodeBuffer.alloc(2), NodeBuffer.from(text)]).toString(form),
          );
        }
      }),
    );
  });

  it('is a view of memory that is given', () => {
    const memory = new ArrayBuffer(8);
    Buffer.from(memory, 2, 3).write('abc', 0);
    expect([...new Uint8Array(memory)]).to.deep.equal([0, 0, 97, 98, 99, 0, 0, 0]);
  });

  it("knows the runtime's own buffers from other bytes", () => {
    expect(Buffer.isBuffer(NodeBuffer.alloc(1))).to.equal(true);
    expect(Buffer.isBuffer(new Uint8Array(1))).to.equal(false);
  });
});
