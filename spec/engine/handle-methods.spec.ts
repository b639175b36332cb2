import { expect } from 'chai';
import { withSpan } from '../../lib/instrument/context.js';
import { createRecording, turns } from '../support/recording.js';
import { step } from './step.js';

describe('Handles', () => {
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
    it('is the parent of spans that open in it, also before its first await', async () => {
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

    it('makes siblings of the three of a Promise.all', async () => {
      const { startTrace, tree } = createRecording();
      const t = startTrace();
      await Promise.all([2, 3, 1].map((wait, i) => t.span(`f${i}`).run(() => step('handle', t, `k${i}`, wait))));
      t.end();
      expect(tree()).to.equal('T(f0(k0), f1(k1), f2(k2))');
    });
  });

  describe('t.span()', () => {
    it('ignores current spans of another trace', () => {
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

    it('opens a root if the trace is not current', async () => {
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

    it('keeps the children of a handle that is ended in another flow', async () => {
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

    it('keeps a callback that threw below its handle', () => {
      const { startTrace, tree } = createRecording();
      const t = startTrace();
      const s = t.span('s');
      try {
        withSpan('failing', () => {
          throw new Error('at once');
        });
      } catch {}
      s.end();
      t.end();
      expect(tree()).to.equal('T(s(failing))');
    });

    it('ends the span only once', () => {
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
