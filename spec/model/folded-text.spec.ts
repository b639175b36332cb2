import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import fc from 'fast-check';
import { unfoldBody } from '../../lib/delivery/pandaprobe/unfold-body.js';
import { captureFolded, captureJson } from '../../lib/model/capture.js';
import type { CapturedText } from '../../lib/model/records.js';
import { unfold } from '../../lib/model/unfold.js';

const room = 1_048_576;

/** What the sender makes of it, from the bytes in its memory. */
function sent(text: string): string {
  const made = unfoldBody(Buffer.from(text)).toString();
  expect(made).to.equal(unfold(Buffer.from(text).toString() as CapturedText));
  // Short ASCII is unfolded as a string: beside another character it takes the way of all other bytes.
  expect(unfoldBody(Buffer.from(`${text}é`)).toString()).to.equal(`${made}é`);
  return made;
}

/** Strings that a format with marks may stumble over, long ones among them. */
const strings = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({
    unit: fc.constantFrom('\u0001', '\u0002', ':', ',', '3', '"', '\\', '\0', '\ud83d', '\ude00', 'é', 'x'),
    maxLength: 120,
  }),
  fc
    .tuple(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), fc.nat(400))
    .map(([text, times]) => text.repeat(times)),
);

const { value: values } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    strings,
    fc.double(),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(strings, tie('value'), { maxKeys: 5 }),
  ),
}));

describe('Folded text', () => {
  it('unfolds to the text that quoting at once gives, for every value and limit', () => {
    fc.assert(
      fc.property(values, fc.oneof(fc.constant(room), fc.integer({ min: 256, max: 4000 })), (value, maxBytes) => {
        const folded = captureFolded(value, { maxBytes });
        const json = captureJson(value, { maxBytes });
        expect(unfold(folded)).to.equal(json);
        expect(sent(folded)).to.equal(json);
      }),
      { numRuns: 3000 },
    );
  });

  it('may be concatenated like JSON text', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 5 }), (list) => {
        const folded = `[${list.map((value) => captureFolded(value, { maxBytes: room })).join(',')}]`;
        const whole = `[${list.map((value) => captureJson(value, { maxBytes: room })).join(',')}]`;
        expect(sent(folded)).to.equal(whole);
      }),
    );
  });

  it('quotes strings that are not well-formed at once', () => {
    for (const text of ['\ud83d'.repeat(50), `${'x'.repeat(40)}\udc00`, '\0'.repeat(40), `${'\0'.repeat(40)}\ud83d`]) {
      const folded = captureFolded({ text, list: [text] }, { maxBytes: room });
      expect(sent(folded)).to.equal(captureJson({ text, list: [text] }, { maxBytes: room }));
      expect(sent(captureFolded(text, { maxBytes: room }))).to.equal(captureJson(text, { maxBytes: room }));
    }
  });

  it('leaves a long string unquoted, and JSON text as it is', () => {
    const folded = captureFolded({ text: `"${'x'.repeat(40)}"` }, { maxBytes: room });
    expect(folded).to.equal(`{"text":\u000142:"${'x'.repeat(40)}"}`);
    const json = captureJson({ text: 'short', at: [1, null] }, { maxBytes: room });
    expect(unfold(json)).to.equal(json);
  });

  describe('of a value that may be too large once it is quoted', () => {
    const before = { id: 7, role: 'user' };

    for (const [what, text] of [
      ['fits', 'line one\n'.repeat(60_000)],
      ['fits in UTF-8', 'é'.repeat(400_000)],
      ['is too large', '"quoted"\n'.repeat(110_000)],
      ['is control characters', '\u0002\u0001'.repeat(200_000)],
      ['is cut in the middle of a pair', '😀'.repeat(500_000)],
      ['is not well-formed, and fits', `${'plain '.repeat(60_000)}\ud83d`],
      ['is not well-formed, and is too large', `${'"plain" '.repeat(130_000)}\ud83d`],
    ] as const) {
      it(`unfolds to the same text as quoting at once: it ${what}`, () => {
        const value = { ...before, text, after: 'and so on' };
        const folded = captureFolded([value], { maxBytes: room });
        if (text.isWellFormed()) expect(folded.length).to.be.lessThan(text.length + 200);
        expect(sent(folded)).to.equal(captureJson([value], { maxBytes: room }));
        expect(Buffer.byteLength(unfold(folded))).to.be.at.most(room);
      });
    }

    it('is cut when there is more than one of them', () => {
      const value = ['"'.repeat(300_000), '\\'.repeat(300_000), 'plain'.repeat(30), '\n'.repeat(300_000)];
      const json = sent(captureFolded(value, { maxBytes: room }));
      expect(Buffer.byteLength(json)).to.be.at.most(room);
      const [first, ...rest] = JSON.parse(json);
      expect(first).to.equal(value[0]);
      expect(String(rest.at(-1))).to.match(/\[cut: (more than )?\d+ bytes\]$/);
    });

    it('is walked once, so that no getter is read twice', () => {
      const reads: string[] = [];
      const value = {
        a: '"'.repeat(600_000),
        get b() {
          reads.push('b');
          return '"'.repeat(600_000);
        },
        get c() {
          reads.push('c');
          return 'end';
        },
      };
      const json = unfold(captureFolded(value, { maxBytes: room }));
      expect(reads).to.deep.equal(['b']); // what comes after the cut is not read
      expect(Buffer.byteLength(json)).to.be.at.most(room);
      expect(json).to.include('[cut: ');
    });
  });

  describe('of many texts', () => {
    /** As a retriever gives them. */
    const found = (count: number, text: string) =>
      Array.from({ length: count }, (_, id) => ({ id, text: text.repeat(30), score: id / 7, source: { page: id } }));
    /** What follows the cut may not have been read, so that its size is not known. */
    const withoutSizes = (json: string) => json.replaceAll(/\[cut: (?:more than )?\d+ bytes\]/g, '[cut]');
    const plain = 'The quick brown fox "jumps" over the lazy dog.\n';

    it('leaves them unquoted while they take less than half of the limit', () => {
      const folded = captureFolded(found(350, plain), { maxBytes: room });
      expect(folded.length).to.be.above(room * 0.45);
      expect(folded.match(/\u0001/g)).to.have.length(350);
      expect(sent(folded)).to.equal(JSON.stringify(found(350, plain)));
    });

    it('P32 is cut as it would be if they were quoted at once', () => {
      const texts = [plain, '"\\\n\t'.repeat(8), 'Où est la bibliothèque ? ', '日本語のテキスト。'.repeat(4)];
      for (const text of texts) {
        for (const maxBytes of [room, 300_000, 120_000]) {
          for (const part of [0.3, 0.5, 0.6, 0.7, 0.9, 1, 1.1, 2, 4]) {
            const count = Math.ceil((maxBytes * part) / (text.length * 30 + 60));
            const value = {
              before: 'x',
              found: found(count, text),
              after: [1, 'a text of more than thirty-three units'],
            };
            const json = sent(captureFolded(value, { maxBytes }));
            expect(
              withoutSizes(json) === withoutSizes(captureJson(value, { maxBytes })),
              `${maxBytes} ${part}`,
            ).to.equal(true);
            expect(Buffer.byteLength(json)).to.be.at.most(maxBytes);
          }
        }
      }
    });
  });

  it('keeps no part of a larger text alive', () => {
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    const parts: string[] = [];
    const heap = () => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = heap();
    for (let index = 0; index < 50; index += 1) {
      const page = `${index}${'page '.repeat(400_000)}`.toUpperCase(); // 2 MB, of one piece
      parts.push(
        captureFolded({ text: page.slice(100, 600) }, { maxBytes: room }),
        captureFolded(page.slice(0, 500), { maxBytes: room }),
      );
    }
    expect(heap() - before).to.be.lessThan(10e6);
    expect(parts).to.have.lengthOf(100);
  });
});
