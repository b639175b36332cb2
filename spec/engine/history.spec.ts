import { expect } from 'chai';
import fc from 'fast-check';
import { forget, hasSeen, live, type Mark, withMark } from '../../lib/engine/history.js';
import type { SpanNode } from '../../lib/engine/span-node.js';

/** The part of a span that a history looks at. */
const span = () => ({ mark: undefined, trace: { ended: false } }) as unknown as SpanNode;

describe('History', () => {
  it('P32 contains the same spans as a plain list, however flows fork and parents are decided', () => {
    // Each number chooses: a flow to go on from, and whether a span of it is decided before that.
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 0, max: 9 })), { maxLength: 400 }),
        (steps) => {
          const flows: { mark: Mark | undefined; list: readonly SpanNode[] }[] = [{ mark: undefined, list: [] }];
          const spans: SpanNode[] = [];
          const decided = new Set<SpanNode>();
          for (const [from, which, forks] of steps) {
            const chosen = spans[which % Math.max(spans.length, 1)];
            if (forks > 4 && chosen !== undefined && !decided.has(chosen)) {
              decided.add(chosen);
              forget(chosen);
              continue;
            }
            // Mostly the newest flow goes on, so that chains grow long.
            const flow = forks > 0 ? flows.at(-1) : flows[from % flows.length];
            const one = span();
            spans.push(one);
            const mark = withMark(one, flow?.mark);
            flows.push({ mark, list: [...(flow?.list ?? []), one] });
          }
          for (const { mark, list } of flows.slice(-20)) {
            for (const one of spans) {
              if (!decided.has(one)) expect(hasSeen(mark, one)).to.equal(list.includes(one));
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('P14 has at most twice as many marks as undecided spans, with ten of them overlapping for ever', () => {
    const outer = span();
    let history = withMark(outer, undefined);
    const open: SpanNode[] = [];
    for (let i = 0; i < 10_000; i += 1) {
      const one = span();
      history = withMark(one, history);
      open.push(one);
      if (open.length > 10) forget(open.shift() as SpanNode); // there are eleven
    }
    const held = new Set<Mark>();
    const walk: (Mark | undefined)[] = [history];
    while (walk.length > 0) {
      const mark = walk.pop();
      if (mark === undefined || held.has(mark)) continue;
      held.add(mark);
      walk.push(mark.previous, mark.jump, mark.other);
    }
    expect(held.size).to.be.lessThan(100);
    expect(hasSeen(history, outer)).to.equal(true);
    expect(live(history)?.span).to.equal(open.at(-1));
  });
});
