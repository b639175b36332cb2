import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import { takeSeat } from '../../../lib/delivery/worker/shared-threads.js';
import type { ThreadData } from '../../../lib/delivery/worker/thread-data.js';
import { FakeThread, fakeThreads } from './fake-thread.js';

/** A sender as it must be. */
interface Sender {
  readonly data: ThreadData;
  readonly seat: ReturnType<typeof takeSeat>;
  readonly thread: FakeThread;
  readonly isAlone: boolean;
  readonly env: string;
  readonly reasons: string[];
  isIn: boolean;
  hadOthers: boolean;
}

type Step =
  | { readonly do: 'take'; readonly env: string; readonly isAlone: boolean }
  | { readonly do: 'leave' | 'exit' | 'error'; readonly which: number };

const steps = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('take'),
        env: fc.constantFrom('a', 'a', 'b'),
        isAlone: fc.constantFrom(false, false, false, false, true),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('leave'), which: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('exit', 'error'), which: fc.nat() }) },
  ) as fc.Arbitrary<Step>,
  { maxLength: 120, size: 'max' },
);

describe('takeSeat()', () => {
  beforeEach(fakeThreads);
  afterEach(() => sinon.restore());

  it('shares threads between up to 16 senders of one environment, and tells each once when its thread is gone', () => {
    fc.assert(
      fc.property(steps, (program) => {
        FakeThread.started = [];
        const senders: Sender[] = [];
        const gone = new Set<FakeThread>();
        /** Their rooms may stay free for a while: only one thread is offered at a time. */
        const wereFull = new Set<FakeThread>();
        const inside = (thread: FakeThread) => senders.filter((each) => each.isIn && each.thread === thread);

        for (const step of program) {
          if (step.do === 'take') {
            const data = { port: {} } as ThreadData; // only passed on
            const reasons: string[] = [];
            const before = FakeThread.started.length;
            const room = FakeThread.started.filter(
              (each) =>
                !gone.has(each) &&
                inside(each).length > 0 &&
                inside(each).length < 16 &&
                inside(each).every(({ env, isAlone }) => env === step.env && !isAlone),
            );
            const seat = takeSeat(data, { env: step.env }, step.isAlone, (reason) => reasons.push(reason));
            const thread = FakeThread.started.find(({ got }) => got.includes(data)) ?? expect.fail();
            const isNew = FakeThread.started.length > before;
            if (step.isAlone) expect(isNew).to.equal(true);
            else if (isNew) expect([...wereFull], 'only where none has room').to.include.members(room);
            else expect(room).to.include(thread);
            expect(thread.env).to.deep.equal({ env: step.env });
            const sender = { data, seat, thread, isAlone: step.isAlone, env: step.env, reasons };
            senders.push({ ...sender, isIn: true, hadOthers: inside(thread).length > 0 });
          } else if (step.do === 'leave') {
            const sender = senders[step.which % senders.length];
            if (sender === undefined) continue;
            sender.seat.leave();
            sender.isIn = false;
          } else {
            const thread = FakeThread.started[step.which % FakeThread.started.length];
            if (thread === undefined || gone.has(thread)) continue;
            const ended = inside(thread);
            gone.add(thread);
            if (step.do === 'error') thread.emit('error', Object.assign(new Error('x'), { code: 'ERR_MEMORY' }));
            thread.emit('exit', 1);
            for (const sender of ended) {
              sender.isIn = false;
              expect(sender.reasons).to.deep.equal([step.do === 'error' ? 'ERR_MEMORY' : 'it ended']);
            }
          }
          for (const thread of FakeThread.started) {
            const here = inside(thread);
            if (here.length > 16) expect.fail(`${here.length} in one thread`);
            if (here.length === 16) wereFull.add(thread);
            for (const sender of here) {
              sender.hadOthers ||= here.length > 1; // also while the others have left
              if (sender.seat.isShared !== sender.hadOthers) expect.fail('isShared is wrong');
            }
          }
          if (senders.some(({ isIn, reasons }) => reasons.length > (isIn ? 0 : 1))) expect.fail('told too often');
        }
        expect(FakeThread.started.every(({ isRef }) => !isRef)).to.equal(true);
        for (const { seat } of senders) seat.leave(); // nothing of this run is open for the next one
      }),
      { numRuns: 100, endOnFailure: true },
    );
  });
});
