import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { collectGarbage, startMeter } from './meter.js';
import type { Program } from './program.js';
import { agentTurn, runTurns, spansPerTurn } from './turn.js';

const turnsPerSecond = 500;
const defaultTurns = 5000;
const warmUpTurns = 500;

/** W2: how late the event loop is while turns come at a steady 500 a second. */
export const loopDelay: Program = async ({ peer, sink, count = defaultTurns }) => {
  await peer.start({ sinkUrl: sink.url, isOff: false, isQueueLifted: false });
  const turn = agentTurn(peer);
  await runTurns(turn, warmUpTurns);
  await peer.flush();
  await sleep(300);
  await sink.reset();
  collectGarbage();

  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const costSince = startMeter();
  await atSteadyPace(turn, count);
  delay.disable();
  const { active, wall } = costSince();
  await peer.flush();
  await sleep(200);
  const { ended } = await sink.counts();
  return {
    busy: (100 * active) / wall,
    p50: delay.percentile(50) / 1e6,
    p99: delay.percentile(99) / 1e6,
    max: delay.max / 1e6,
    delivered: (100 * ended) / (count * spansPerTurn),
  };
};

/** Starts what is due once a millisecond, whatever the earlier turns are doing. */
function atSteadyPace(turn: (index: number) => Promise<unknown>, count: number): Promise<void> {
  const startedAt = performance.now();
  let started = 0;
  let done = 0;
  return new Promise((resolve, reject) => {
    const startDue = () => {
      const due = Math.min(count, Math.floor(((performance.now() - startedAt) / 1000) * turnsPerSecond));
      for (; started < due; started += 1) {
        turn(started).then(() => {
          done += 1;
          if (done === count) resolve();
        }, reject);
      }
      if (started < count) setTimeout(startDue, 1);
    };
    startDue();
  });
}
