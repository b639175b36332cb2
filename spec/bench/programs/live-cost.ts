import { setTimeout as sleep } from 'node:timers/promises';
import { collectGarbage, startMeter } from './meter.js';
import type { Program } from './program.js';

const defaultTraces = 20;
/** Spans of one trace: they are spread over two seconds. */
const rounds = 200;
const spansPerRound = 5;
const roundMs = 10;

/**
 * W12: what a span costs the main thread in runs of two seconds, from its start until everything has been sent. Live, each run is sent
 * four times a second as far as it has come; not live, once.
 */
export const liveCost: Program = async ({ peer, sink, variant, count = defaultTraces }) => {
  process.env.PANDAPROBE_LIVE = String(variant === 'live');
  await peer.start({ sinkUrl: sink.url, isOff: false, isQueueLifted: true });
  const step = peer.record('step', async (input) => String(input));
  const run = peer.record('run', async (input) => {
    for (let round = 0; round < rounds; round += 1) {
      for (let at = 0; at < spansPerRound; at += 1) await step(input);
      await sleep(roundMs);
    }
    return 'done';
  });
  const input = `he said "${'words '.repeat(80)}"`;
  await step(input);
  await peer.flush();
  collectGarbage();
  const costSince = startMeter();
  await Promise.all(Array.from({ length: count }, () => run(input)));
  await peer.flush();
  const { mainCpu, active } = costSince();
  const { requests } = await sink.counts();
  return { cost: ((Number.isNaN(mainCpu) ? active : mainCpu) * 1000) / (count * rounds * spansPerRound), requests };
};
