import type { Item, ItemKind } from '../queue/item.js';

/** One item to send. */
export interface Job {
  readonly id: number;
  readonly kind: ItemKind;
  readonly traceId: string;
  /** Seen in the queue's own memory: theirs no longer once the job is reported. */
  readonly bodies: readonly Buffer[];
  /** Bodies of the item acknowledged before these. */
  readonly acknowledged: number;
  /** A score that may be stored already: look before sending. */
  readonly isUncertain: boolean;
}

/**
 * Items on their way to the sender. Numbers, because a message of objects takes five times as long to copy, on the
 * application's thread.
 */
export interface PackedJobs {
  /** The memory the bodies lie in. */
  readonly slabs: readonly SharedArrayBuffer[];
  /** One for each job. */
  readonly traceIds: readonly string[];
  /** For each job: id, kind, acknowledged, isUncertain, number of bodies; then for each body: slab, start, end. */
  readonly numbers: readonly number[];
}

const kinds: readonly ItemKind[] = ['trace', 'spans', 'score'];

/** Packs items; their bodies stay where they are. */
export function packJobs(items: readonly Item[]): PackedJobs {
  const slabs: SharedArrayBuffer[] = [];
  const traceIds: string[] = [];
  const numbers: number[] = [];
  for (const { id, kind, traceId, bodies, acknowledged, isUncertain } of items) {
    traceIds.push(traceId);
    numbers.push(id, kinds.indexOf(kind), acknowledged, isUncertain ? 1 : 0, bodies.length);
    for (const { slab, start, end } of bodies) {
      let at = slabs.lastIndexOf(slab.shared);
      if (at < 0) at = slabs.push(slab.shared) - 1;
      numbers.push(at, start, end);
    }
  }
  return { slabs, traceIds, numbers };
}

/** The jobs again, in their order. */
export function unpackJobs({ slabs, traceIds, numbers }: PackedJobs): Job[] {
  let at = 0;
  const next = () => {
    at += 1;
    return numbers[at - 1] as number; // packJobs has written as many as are read
  };
  return traceIds.map((traceId) => {
    const id = next();
    const kind = kinds[next()] as ItemKind; // an index of kinds
    const acknowledged = next();
    const isUncertain = next() === 1;
    const bodies = Array.from({ length: next() }, () => {
      const slab = slabs[next()] as SharedArrayBuffer; // an index of slabs
      const start = next();
      return Buffer.from(slab, start, next() - start);
    });
    return { id, kind, traceId, bodies, acknowledged, isUncertain };
  });
}
