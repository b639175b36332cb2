import { setTimeout as sleep } from 'node:timers/promises';
import type { OtlpForm } from '../peers/peer.js';
import { collectGarbage, startMeter } from './meter.js';
import type { Program } from './program.js';
import { agentTurn, runTurns, spansPerTurn } from './turn.js';

const defaultTurns = 20_000;
const warmUpTurns = 1500;
/** For the batches that are under way to settle after the flush. */
const settleMs = 200;

/**
 * W1 and W11: what one span costs the main thread, while it is recorded and until everything has been sent; in W11 over OTLP, in the form
 * that the variant names: `protobuf` or `json`, each also with `, gzip`.
 */
export const spanCost: Program = async ({ peer, sink, variant, count = defaultTurns }) => {
  await peer.start({ sinkUrl: sink.url, isOff: false, isQueueLifted: true, otlp: formOf(variant) });
  const turn = agentTurn(peer);
  await runTurns(turn, warmUpTurns);
  await peer.flush();
  await sleep(settleMs);
  await sink.reset();
  collectGarbage();

  const costSince = startMeter();
  await runTurns(turn, count);
  const recording = costSince();
  await peer.flush();
  const all = costSince();
  await sleep(settleMs);

  const spans = count * spansPerTurn;
  const { ended, bytes, requests } = await sink.counts();
  const perSpan = (ms: number) => (ms * 1000) / spans;
  return {
    record: perSpan(recording.active),
    recordCpu: perSpan(recording.mainCpu),
    total: perSpan(all.active),
    totalCpu: perSpan(all.mainCpu),
    processCpu: perSpan(all.cpu),
    delivered: (100 * ended) / spans,
    bytes: bytes / spans,
    requests,
  };
};

function formOf(variant: string): OtlpForm | undefined {
  if (variant === '') return undefined;
  return {
    protocol: variant.startsWith('json') ? 'http/json' : 'http/protobuf',
    compression: variant.endsWith('gzip') ? 'gzip' : 'none',
  };
}
