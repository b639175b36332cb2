import { expect } from 'chai';
import fc from 'fast-check';
import { HeldRecords } from '../../lib/client/recording/held-records.js';

/** A step of a program with a few traces. */
const step = fc.record({ does: fc.constantFrom('hold', 'hold', 'release', 'leave out'), trace: fc.nat(3) });

describe('Records that wait for their trace', () => {
  it('are sent once, in order, when it ends, and never when it is left out', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const held = new HeldRecords();
        const waiting = new Map<number, number[]>();
        const sent: number[] = [];
        const expected: number[] = [];
        const leftOut = new Set<number>();
        for (const [at, { does, trace }] of steps.entries()) {
          if (does === 'hold') {
            held.hold(`${trace}`, () => sent.push(at));
            waiting.set(trace, [...(waiting.get(trace) ?? []), at]);
          } else {
            if (does === 'release') {
              for (const send of held.release(`${trace}`) ?? []) send();
              expected.push(...(waiting.get(trace) ?? []));
            } else {
              held.leaveOut({ traceId: `${trace}` });
              leftOut.add(trace);
            }
            waiting.delete(trace);
          }
          expect(sent).to.deep.equal(expected);
          for (const each of [0, 1, 2, 3]) expect(held.isLeftOut(`${each}`)).to.equal(leftOut.has(each));
        }
      }),
    );
  });

  it('are sent before its end if more than ten thousand wait, the oldest first', () => {
    const held = new HeldRecords();
    const sent: number[] = [];
    for (let at = 0; at < 10_003; at += 1) held.hold('t', () => sent.push(at));
    expect(sent).to.deep.equal([0, 1, 2]);
    for (const send of held.release('t') ?? []) send();
    expect(sent).to.deep.equal(Array.from({ length: 10_003 }, (_, at) => at));
    expect(held.release('t')).to.equal(undefined);
  });

  it('are forgotten with the oldest of more than ten thousand traces that are left out', () => {
    const held = new HeldRecords();
    for (let at = 0; at < 10_000; at += 1) held.leaveOut({ traceId: `t${at}` });
    expect(held.isLeftOut('t0')).to.equal(true);
    held.leaveOut({ traceId: 't10000' });
    expect(['t0', 't1', 't10000'].map((id) => held.isLeftOut(id))).to.deep.equal([false, true, true]);
  });
});
