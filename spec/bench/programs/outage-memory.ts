import { setTimeout as sleep } from 'node:timers/promises';
import { collectGarbage, startMeter } from './meter.js';
import type { Program } from './program.js';
import { agentTurn, runTurns, spansPerTurn } from './turn.js';

const defaultTurns = 20_000;
const warmUpTurns = 500;
const sampleMs = 50;
/** How long the backend stays down after the last turn. */
const aftermathMs = 1500;
/** Longest wait for what can still be delivered once the backend is back. */
const recoveryMs = 20_000;

/** W3: memory and output while the backend hangs or fails, and what arrives once it is back. */
export const outage: Program = async ({ peer, sink, variant, count = defaultTurns }) => {
  const lines = countLines();
  await peer.start({ sinkUrl: sink.url, isOff: false, isQueueLifted: false });
  const turn = agentTurn(peer);
  await runTurns(turn, warmUpTurns);
  await peer.flush();
  await sink.reset();
  await sink.mode(variant === 'hang' ? 'hang' : 'fail');
  collectGarbage();

  let peakRss = 0;
  let sampledAt = 0;
  const sample = () => {
    peakRss = Math.max(peakRss, process.memoryUsage.rss());
    sampledAt = performance.now();
  };
  const costSince = startMeter();
  await runTurns(async (index) => {
    await turn(index);
    if (performance.now() - sampledAt > sampleMs) sample();
  }, count);
  const { active } = costSince();
  await sleep(aftermathMs);
  sample();

  await sink.mode('ok');
  await Promise.race([peer.flush().catch(() => {}), sleep(recoveryMs)]);
  await sleep(500);
  const { ended } = await sink.counts();
  const spans = count * spansPerTurn;
  return {
    rss: peakRss / 1e6,
    record: (active * 1000) / spans,
    lines: lines(),
    delivered: (100 * ended) / spans,
  };
};

/** Counts what is written to the console, and shows none of it. @returns the number of writes so far */
function countLines(): () => number {
  let lines = 0;
  for (const stream of [process.stdout, process.stderr]) {
    stream.write = () => {
      lines += 1;
      return true;
    };
  }
  return () => lines;
}
