import { setImmediate as nextTurnOfLoop, setTimeout as sleep } from 'node:timers/promises';
import type { Peer, Step } from '../peers/peer.js';
import { collectGarbage, quantile, startMeter } from './meter.js';
import type { Figures, Program } from './program.js';
import { messages, runTurns } from './turn.js';

/** Spans below one root, side by side. */
const widths = [10, 100, 1000, 5000] as const;
/** Spans below one root, each in the one before. */
const depths = [1, 10, 50, 200] as const;
/** Handles of one trace that are open at once. */
const openAtOnce = [10, 100, 1000, 5000] as const;
/** Entries that are added to the metadata of one span, one by one. */
const entries = [10, 100, 1000, 5000] as const;
/** Every shape is measured with about this many spans at a time. */
const spansPerRound = 10_000;
const defaultRounds = 5;

/** W9: whether a span costs the same in a small trace and in a large one, in a shallow one and in a deep one, and beside many. */
export const growth: Program = async ({ peer, sink, count: rounds = defaultRounds }) => {
  await peer.start({ sinkUrl: sink.url, isOff: false, isQueueLifted: true });
  const leaf = peer.record('leaf', async () => 'done');
  const shapes = [
    ...widths.map((width) => ({ name: `wide${width}`, spans: width + 1, run: wide(peer.record, leaf, width) })),
    ...depths.map((depth) => ({ name: `deep${depth}`, spans: depth + 1, run: deep(peer.record, leaf, depth) })),
    ...handlesOf(peer),
    ...metadataOf(peer),
  ];
  const costs = new Map<string, number[]>(shapes.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const { name, spans, run } of shapes) {
      const traces = Math.ceil(spansPerRound / spans);
      collectGarbage();
      const costSince = startMeter();
      await runTurns(run, traces, 1);
      const { active } = costSince();
      if (round >= 0) costs.get(name)?.push((active * 1000) / (traces * spans));
      await peer.flush();
      await sleep(20);
      await sink.reset();
    }
  }
  const figures: Record<string, number> = {};
  for (const [name, values] of costs) figures[name] = quantile(values, 0.5);
  return figures satisfies Figures;
};

interface Shape {
  readonly name: string;
  readonly spans: number;
  readonly run: () => Promise<string>;
}

function handlesOf({ ways: { handle } }: Peer): readonly Shape[] {
  if (handle === undefined) return [];
  return openAtOnce.map((count) => ({
    name: `open${count}`,
    spans: count + 1,
    run: () =>
      handle('root', undefined, async (root) => {
        await Promise.all(
          Array.from({ length: count }, () => handle('leaf', root, async () => nextTurnOfLoop('done'))),
        );
        return 'done';
      }),
  }));
}

function metadataOf({ annotate }: Peer): readonly Shape[] {
  if (annotate === undefined) return [];
  return entries.map((count) => ({ name: `entries${count}`, spans: count, run: () => annotate(count) }));
}

type Recording = (name: string, step: Step) => Step;

function wide(record: Recording, leaf: Step, width: number): () => Promise<string> {
  const root = record('root', async () => {
    for (let at = 0; at < width; at += 1) await leaf(messages('hello'));
    return 'done';
  });
  return () => root(messages('hello'));
}

function deep(record: Recording, leaf: Step, depth: number): () => Promise<string> {
  const level: Step = record('level', async (left) =>
    (left as number) > 1 ? level((left as number) - 1) : leaf('done'),
  );
  const root = record('root', () => (depth > 1 ? level(depth - 1) : leaf('done')));
  return () => root(messages('hello'));
}
