import { expect } from 'chai';
import { createRecording, turns } from '../support/recording.js';
import { forms, step } from './step.js';

describe('Handles', () => {
  describe('in one function', () => {
    it('nests handles of one synchronous block', () => {
      const { startTrace, tree } = createRecording();
      {
        using t = startTrace();
        using _a = t.span('a');
        using _b = t.span('b');
        using _c = t.span('c');
      }
      expect(tree()).to.equal('T(a(b(c)))');
    });

    it('makes siblings of blocks that follow each other, with awaits between', async () => {
      const { startTrace, tree } = createRecording();
      {
        using t = startTrace();
        using _a = t.span('a');
        await turns();
        {
          using _b = t.span('b');
          await turns();
        }
        {
          using _c = t.span('c');
          await turns();
        }
      }
      expect(tree()).to.equal('T(a(b, c))');
    });

    it('makes siblings of ten handles in a loop', async () => {
      const { startTrace, tree } = createRecording();
      {
        using t = startTrace();
        for (let i = 0; i < 10; i += 1) {
          using _ = t.span(`l${i}`);
          await turns();
        }
      }
      expect(tree()).to.equal(`T(${Array.from({ length: 10 }, (_, i) => `l${i}`).join(', ')})`);
    });
  });

  for (const inner of forms) {
    describe(`with children that are a ${inner} each`, () => {
      it('nests children that are awaited one after the other', async () => {
        const { startTrace, tree } = createRecording();
        {
          using t = startTrace();
          using _a = t.span('a');
          await step(inner, t, 'g1', 1);
          await step(inner, t, 'g2', 1);
        }
        expect(tree()).to.equal('T(a(g1, g2))');
      });

      const orders: Record<string, readonly [number, number, number]> = {
        'the same': [1, 2, 3],
        opposite: [3, 2, 1],
        'any other': [2, 3, 1],
        'one and the same moment': [1, 1, 1],
      };
      for (const [order, waits] of Object.entries(orders)) {
        it(`makes siblings of the three of a Promise.all when they end in ${order} order`, async () => {
          const { startTrace, tree } = createRecording();
          {
            using t = startTrace();
            await Promise.all(waits.map((wait, i) => step(inner, t, `f${i + 1}`, wait)));
          }
          expect(tree()).to.equal('T(f1, f2, f3)');
        });

        it(`nests the three of a Promise.all in the handle around it when they end in ${order} order`, async () => {
          const { startTrace, tree } = createRecording();
          {
            using t = startTrace();
            using _a = t.span('a');
            await Promise.all(waits.map((wait, i) => step(inner, t, `f${i + 1}`, wait)));
          }
          expect(tree()).to.equal('T(a(f1, f2, f3))');
        });

        it(`nests the span that each of the three opens after an await, ending in ${order} order`, async () => {
          const { startTrace, tree } = createRecording();
          {
            using t = startTrace();
            await Promise.all(
              waits.map((wait, i) => step('handle', t, `f${i + 1}`, wait, () => step(inner, t, `f${i + 1}k`, wait))),
            );
          }
          expect(tree()).to.equal('T(f1(f1k), f2(f2k), f3(f3k))');
        });
      }

      it('makes a sibling of the span that follows a Promise.all', async () => {
        const { startTrace, tree } = createRecording();
        {
          using t = startTrace();
          using _a = t.span('a');
          await Promise.all([step(inner, t, 'f1', 2), step(inner, t, 'f2', 1)]);
          await step(inner, t, 'b', 1);
        }
        expect(tree()).to.equal('T(a(f1, f2, b))');
      });

      it('keeps a child that is still open when its parent closes', async () => {
        const { startTrace, tree } = createRecording();
        {
          using t = startTrace();
          let g: Promise<void>;
          {
            using _a = t.span('a');
            g = step(inner, t, 'g', 2);
          }
          await g;
        }
        expect(tree()).to.equal('T(a(g))');
      });

      it('keeps a child that is opened after an await and still open when its parent closes', async () => {
        const { startTrace, tree } = createRecording();
        {
          using t = startTrace();
          let g: Promise<void>;
          {
            using _a = t.span('a');
            await turns();
            g = step(inner, t, 'g', 2);
          }
          await g;
        }
        expect(tree()).to.equal('T(a(g))');
      });

      it('gets two levels of Promise.all right', async () => {
        const { startTrace, tree } = createRecording();
        {
          using t = startTrace();
          const outer = (i: number) =>
            step('handle', t, `o${i}`, 0, async () => {
              await Promise.all([step(inner, t, `i${i}a`, 3 - i), step(inner, t, `i${i}b`, i)]);
            });
          await Promise.all([outer(1), outer(2)]);
        }
        expect(tree()).to.equal('T(o1(i1a, i1b), o2(i2a, i2b))');
      });
    });
  }
});
