import { expect } from 'chai';
import sinon from 'sinon';
import { captureJson } from '../../lib/model/capture.js';
import { captured, roomy } from './captured.js';

describe('captureJson', () => {
  describe('cutting', () => {
    it('cuts a string at a character and says its size', () => {
      const text = captureJson('😀'.repeat(1000), { maxBytes: 400 });
      expect(Buffer.byteLength(text)).to.be.within(300, 400);
      expect(JSON.parse(text)).to.match(/^😀+… \[cut: 4000 bytes\]$/u);
    });

    it('fills the space up to the last character, wherever its pieces end', () => {
      for (const before of ['', 'a', 'ab', '"']) {
        const text = captureJson(`${before}${'😀'.repeat(20_000)}`, { maxBytes: 70_000 });
        expect(Buffer.byteLength(text)).to.be.within(70_000 - 64 - 4, 70_000);
        expect(JSON.parse(text)).to.match(/^(a|ab|")?😀+… \[cut: \d+ bytes\]$/u);
      }
    });

    it('notes the size of a string of 20 MiB', () => {
      const text = captureJson('x'.repeat(20_971_520), roomy);
      expect(text.length).to.be.within(1_000_000, 1_048_576);
      expect(JSON.parse(text)).to.match(/^x{1000000,}… \[cut: 20971520 bytes\]$/);
    });

    it('keeps what follows a large string', () => {
      const value = { content: '漢"\n'.repeat(100_000), role: 'user' };
      const result = JSON.parse(captureJson(value, { maxBytes: 10_000 })) as Record<string, string>;
      expect(result.role).to.equal('user');
      expect(result.content).to.match(/… \[cut: 500000 bytes\]$/);
    });

    it('cuts an array with the true size of the whole', () => {
      const value = { list: Array.from({ length: 5000 }, (_, at) => at), after: true };
      const text = captureJson(value, { maxBytes: 1000 });
      expect(Buffer.byteLength(text)).to.be.within(900, 1000);
      const { list } = JSON.parse(text) as { list: unknown[] };
      expect(list.slice(0, 3)).to.deep.equal([0, 1, 2]);
      expect(list.at(-1)).to.equal(`[cut: ${JSON.stringify(value).length} bytes]`);
    });

    it('cuts an object with a last property that says so', () => {
      const value = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`key${at}`, `válue ${at}`]));
      const result = JSON.parse(captureJson(value, { maxBytes: 600 })) as Record<string, string>;
      expect(Object.keys(result).at(-1)).to.equal('…');
      expect(result['…']).to.equal(`[cut: ${Buffer.byteLength(JSON.stringify(value))} bytes]`);
    });

    it('counts the bytes that a cut string lost', () => {
      const value = ['é'.repeat(50_000), Array.from({ length: 1000 }, () => 'filler')];
      const text = captureJson(value, { maxBytes: 2000 });
      expect(text).to.include(`[cut: ${Buffer.byteLength(JSON.stringify(value))} bytes]`);
    });

    it('leaves a value that fits exactly as it is', () => {
      const value = { a: 'é'.repeat(500), b: [1, 2, 3] };
      const bytes = Buffer.byteLength(JSON.stringify(value));
      expect(captureJson(value, { maxBytes: bytes + 64 })).to.equal(JSON.stringify(value));
    });

    it('ends quickly for a sparse array of a billion holes', () => {
      expect(captureJson(new Array(1e9), { maxBytes: 1000 })).to.match(/null,"\[cut: more than \d+ bytes\]"\]$/);
    });

    it('ends quickly for references that are shared so often that the text would not end', () => {
      let value: unknown = 'leaf';
      for (let at = 0; at < 90; at += 1) value = [value, value];
      const text = captureJson(value, { maxBytes: 1000 });
      expect(text).to.include('cut: more than');
      JSON.parse(text);
    });

    it('cuts a key that does not fit with its value', () => {
      const text = captureJson({ a: 1, ['k'.repeat(5000)]: { b: 2 } }, { maxBytes: 300 });
      expect(Object.keys(JSON.parse(text))).to.deep.equal(['a', '…']);
      expect(JSON.parse(text)['…']).to.match(/^\[cut: \d+ bytes\]$/);
    });

    it('treats limits under 256 bytes, and missing ones, as 256', () => {
      for (const maxBytes of [0, -1, Number.NaN, 10, 256]) {
        const text = captureJson({ list: ['x'.repeat(1000), 'y'.repeat(1000)] }, { maxBytes });
        expect(Buffer.byteLength(text)).to.be.at.most(256);
        JSON.parse(text);
      }
      expect(captureJson([1], { maxBytes: Number.POSITIVE_INFINITY })).to.equal('[1]');
    });

    it('P32 counts no bytes of a string of more than 32 Mi units, and looks at its beginning only', () => {
      for (const [unit, more] of [
        ['x', 1],
        ['é', 2],
        ['漢', 3],
      ] as const) {
        const long = unit.repeat(33 * 1024 * 1024);
        const native = sinon.spy(Buffer, 'byteLength');
        const text = captureJson({ long, after: 1 }, { maxBytes: 100_000 });
        const counted = Math.max(...native.args.map(([some]) => String(some).length));
        native.restore();
        expect(counted).to.be.at.most(100_000);
        expect(Buffer.byteLength(text)).to.be.within(70_000, 100_000);
        const { long: kept, after } = JSON.parse(text) as { long: string; after: number };
        expect(kept).to.match(/… \[cut: more than 34603008 bytes\]$/);
        expect(kept.startsWith(unit.repeat(20_000)), String(more)).to.equal(true);
        expect(after).to.equal(1);
      }
    });

    it('P32 reads only as much of a large Map or Set as there is room for', () => {
      for (const size of [20_000, 200_000]) {
        let reads = 0;
        const item = (at: number) => ({
          toJSON: () => {
            reads += 1;
            return { at, text: 'x'.repeat(200) };
          },
        });
        const items = Array.from({ length: size }, (_, at) => item(at));
        const collections = [
          new Set(items),
          new Map(items.map((each, at) => [`key ${at}`, each])),
          new Map(items.map((each, at) => [at, each])),
        ];
        for (const [at, collection] of collections.entries()) {
          reads = 0;
          const text = captureJson(collection, { maxBytes: 20_000 });
          expect(reads).to.be.within(50, 2500); // 250 KB are counted
          expect(text).to.match(at === 1 ? /^\{"key 0":\{"at":0,/ : at === 0 ? /^\[\{"at":0,/ : /^\[\[0,\{"at":0,/);
          JSON.parse(text);
        }
      }
    });

    it('P25 writes a large Map or Set in the same form as a small one', () => {
      const numbers = Array.from({ length: 20_000 }, (_, at) => at);
      expect(captured(new Set(numbers))).to.deep.equal(numbers);
      expect(captured(new Map(numbers.map((at) => [String(at), at])))).to.deep.equal(
        Object.fromEntries(numbers.map((at) => [at, at])),
      );
      const mixed = new Map<unknown, unknown>(numbers.map((at) => [String(at), at]));
      mixed.set(5, undefined);
      expect(captured(mixed)).to.deep.equal([...numbers.map((at) => [String(at), at]), [5, null]]);
    });
  });
});
