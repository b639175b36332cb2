import { expect } from 'chai';
import { withSpan } from '../../lib/instrument/context.js';
import { createRecording, turns } from '../support/recording.js';

/** How a child is opened: a handle in its function, or a body around it. */
const forms = ['handle', 'body'] as const;
type Form = (typeof forms)[number];

/** `turnsAwaited` after opening, then `rest`. */
async function step(
  form: Form,
  t: ReturnType<ReturnType<typeof createRecording>['startTrace']>,
  name: string,
  wait: number,
  rest?: () => Promise<void>,
) {
  if (form === 'body') {
    await withSpan(name, async () => {
      await turns(wait);
      await rest?.();
    });
    return;
  }
  using _ = t.span(name);
  await turns(wait);
  await rest?.();
}

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

    it('puts blocks that follow each other side by side, with awaits between', async () => {
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

    it('keeps a loop of ten handles side by side', async () => {
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
        it(`puts the three of a Promise.all side by side when they end in ${order} order`, async () => {
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

        it(`gives each of the three the child it opens after an await, ending in ${order} order`, async () => {
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

      it('nests what follows a Promise.all beside its children', async () => {
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

  describe('s.span()', () => {
    it('opens a child of exactly s, whatever is current', async () => {
      const { startTrace, tree } = createRecording();
      {
        using t = startTrace();
        using a = t.span('a');
        using _b = t.span('b');
        const c = a.span('c');
        c.end();
        await a.withSpan('d', () => turns());
      }
      expect(tree()).to.equal('T(a(b, c, d))');
    });

    it('nests the children of siblings that are opened before any await', async () => {
      const { startTrace, tree } = createRecording();
      {
        using t = startTrace();
        using a = t.span('a');
        await Promise.all(
          [1, 2, 3].map(async (i) => {
            using f = a.span(`f${i}`);
            using _k = f.span(`f${i}k`);
            await turns(4 - i);
          }),
        );
      }
      expect(tree()).to.equal('T(a(f1(f1k), f2(f2k), f3(f3k)))');
    });
  });

  describe('s.run()', () => {
    it('makes children of what opens in it, from its first stretch on', async () => {
      const { startTrace, tree } = createRecording();
      const t = startTrace();
      await t.span('a').run(async () => {
        withSpan('b', () => {});
        using _c = t.span('c');
        await Promise.all([step('handle', t, 'd', 2), step('body', t, 'e', 1), step('handle', t, 'f', 1)]);
      });
      t.span('g').run(() => withSpan('h', () => {}));
      t.end();
      expect(tree()).to.equal('T(a(b, c(d, e, f)), g(h))');
    });

    it('puts the three of a Promise.all side by side', async () => {
      const { startTrace, tree } = createRecording();
      const t = startTrace();
      await Promise.all([2, 3, 1].map((wait, i) => t.span(`f${i}`).run(() => step('handle', t, `k${i}`, wait))));
      t.end();
      expect(tree()).to.equal('T(f0(k0), f1(k1), f2(k2))');
    });
  });

  describe('t.span()', () => {
    it('passes over spans of another trace that is current', () => {
      const { startTrace, tree } = createRecording();
      {
        using t1 = startTrace('T1');
        using _a = t1.span('a');
        {
          using t2 = startTrace('T2');
          using _x = t2.span('x');
          using _b = t1.span('b');
        }
      }
      expect(tree()).to.equal('T2(x) T1(a(b))');
    });

    it('opens a root where the trace is not current', async () => {
      const { startTrace, withTrace, tree } = createRecording();
      const t = startTrace('T1');
      t.end();
      const other = withTrace(() => t, 'T2');
      expect(other).to.equal(t);
      expect(tree()).to.equal('T1 T2');
    });
  });

  describe('.end()', () => {
    it('makes the outer span current again when ends come out of order', () => {
      const { startTrace, tree } = createRecording();
      const t = startTrace();
      const a = t.span('a');
      const b = t.span('b');
      a.end();
      const c = t.span('c');
      c.end();
      b.end();
      const d = t.span('d');
      d.end();
      t.end();
      expect(tree()).to.equal('T(a(b(c)), d)');
    });

    it('makes the outer trace current again', () => {
      const { startTrace, tree } = createRecording();
      const t1 = startTrace('T1');
      const t2 = startTrace('T2');
      t2.end();
      withSpan('a', () => {});
      t1.end();
      withSpan('nowhere', () => {});
      expect(tree()).to.equal('T2 T1(a)');
    });

    it('keeps what a handle nests when it is ended from a callback of somebody else', async () => {
      const { startTrace, tree } = createRecording();
      let finish: () => void = () => {};
      const elsewhere = new Promise<void>((resolve) => {
        setImmediate(() => {
          finish();
          resolve();
        });
      });
      const t = startTrace();
      const s = t.span('request');
      withSpan('sync', () => {});
      const k = t.span('open');
      finish = () => s.end();
      await elsewhere;
      k.end();
      t.end();
      expect(tree()).to.equal('T(request(sync, open))');
    });

    it('counts once', () => {
      const { startTrace, traces } = createRecording();
      const t = startTrace();
      const s = t.span('s');
      s.end();
      s.end(new Error('too late'));
      t.end();
      t.end();
      expect(traces).to.have.length(1);
      expect(traces[0]?.spans[0]?.status).to.equal('OK');
    });

    it('marks spans that are open when the trace ends, and sends their true end later', async () => {
      const { startTrace, tree, late } = createRecording();
      const t = startTrace();
      const s = t.span('s');
      t.end();
      expect(tree()).to.equal('T(s!)');
      s.setOutput('done').end();
      const [span] = late[0]?.spans ?? [];
      expect(span).to.include({ name: 's', status: 'OK', output: '"done"' });
      expect(span?.metadata).to.equal('{"pandaprobe.unfinished":false}');
    });
  });
});
