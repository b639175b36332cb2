import { quantile } from './meter.js';
import type { Program } from './program.js';
import { messages } from './turn.js';

const defaultCalls = 300_000;
const rounds = 9;
const warmUpCalls = 50_000;

/** W5: what a wrapped call costs over the bare one while nothing is recorded. */
export const disabledCost: Program = async ({ peer, sink, variant, count = defaultCalls }) => {
  await peer.start({ sinkUrl: sink.url, isOff: true, isQueueLifted: false });
  const step = async (_input: unknown) => 'done';
  const wrap = peer.wrappers[variant];
  const wrapped = wrap === undefined ? step : wrap('step', step);
  const input = messages('hello');
  const nsPerCall = async (fn: (input: unknown) => Promise<string>, calls: number) => {
    const startedAt = performance.now();
    for (let call = 0; call < calls; call += 1) await fn(input);
    return ((performance.now() - startedAt) * 1e6) / calls;
  };
  await nsPerCall(step, warmUpCalls);
  await nsPerCall(wrapped, warmUpCalls);
  const bare: number[] = [];
  const added: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const ns = await nsPerCall(step, count);
    bare.push(ns);
    added.push((await nsPerCall(wrapped, count)) - ns);
  }
  return { bare: quantile(bare, 0.5), added: quantile(added, 0.5) };
};
