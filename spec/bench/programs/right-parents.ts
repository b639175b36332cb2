import { setImmediate as nextTurnOfLoop, setTimeout as sleep } from 'node:timers/promises';
import type { Way } from '../peers/peer.js';
import type { Arrived } from '../wire-formats.js';
import type { Program } from './program.js';

const defaultTrees = 100;
/** A root, three children, two grandchildren each. */
const spansPerTree = 10;

/**
 * W6: trees of ten spans whose siblings all run at once, a hundred trees at once. A span is right when its parent is the
 * span that started it; names say which that is: `t7`, `t7.1`, `t7.1.0`.
 */
export const rightParents: Program = async ({ peer, sink, variant, count = defaultTrees }) => {
  await peer.start({ sinkUrl: sink.url, isOff: false, isQueueLifted: false });
  const way = peer.ways[variant];
  if (way === undefined) throw new Error(`expected a way of ${peer.title}, got ${variant}`);
  await Promise.all(Array.from({ length: count }, (_, index) => grow(way, `t${index}`)));
  await peer.flush();
  await sleep(500);
  const spans = await sink.spans();
  const byId = new Map(spans.map((span) => [span.id, span]));
  const right = spans.filter((span) => isRight(span, byId)).length;
  return { right: (100 * right) / (count * spansPerTree), arrived: spans.length };
};

function grow(way: Way, root: string): Promise<string> {
  return way(root, undefined, async (opened) => {
    await nextTurnOfLoop();
    const children = [0, 1, 2].map((at) =>
      way(`${root}.${at}`, opened, async (child) => {
        if (at === 1) await sleep(1);
        else await nextTurnOfLoop();
        await Promise.all([0, 1].map((leaf) => way(`${root}.${at}.${leaf}`, child, rest)));
        return 'child';
      }),
    );
    await Promise.all(children);
    return 'root';
  });
}

async function rest(): Promise<string> {
  await nextTurnOfLoop();
  return 'leaf';
}

function isRight(span: Arrived, byId: ReadonlyMap<string, Arrived>): boolean {
  const dot = span.name.lastIndexOf('.');
  if (!span.hasEnded || !/^t\d/.test(span.name)) return false;
  if (dot < 0) return span.parent === '';
  const parent = byId.get(span.parent);
  return parent?.name === span.name.slice(0, dot) && parent.trace === span.trace;
}
