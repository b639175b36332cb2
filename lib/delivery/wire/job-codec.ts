import { type Item, type ItemKind, itemKinds } from '../queue/item.js';

/** An item to send, as the worker sees it. */
export interface Job {
  readonly id: number;
  readonly kind: ItemKind;
  readonly traceId: string;
  /** Views of the queue's shared memory. They must not be read after the job was reported. */
  readonly bodies: readonly Buffer[];
  /** Number of bodies of the item that were acknowledged before these. */
  readonly acknowledged: number;
  /** The backend is asked before it is sent. */
  readonly isUncertain: boolean;
  /** If the backend has no trace for these spans, a placeholder is made for them. */
  readonly isOrphaned: boolean;
}

/** Bytes of all bodies of a job. */
export function bytesOf({ bodies }: Job): number {
  return bodies.reduce((sum, body) => sum + body.length, 0);
}

/**
 * Jobs as a message to the worker. Packed into numbers, because a message of objects takes the application's thread five times as
 * long.
 */
export interface PackedJobs {
  /** The memory that holds the bodies. */
  readonly slabs: readonly SharedArrayBuffer[];
  /** One for each job. */
  readonly traceIds: readonly string[];
  /** For each job: id, kind, acknowledged, 1 for isUncertain + 2 for isOrphaned, number of bodies; then for each body: slab, start, end. */
  readonly numbers: readonly number[];
}

/** Packs items. Their bodies are not copied. */
export function packJobs(items: readonly Item[]): PackedJobs {
  const slabs: SharedArrayBuffer[] = [];
  const traceIds: string[] = [];
  const numbers: number[] = [];
  for (const { id, kind, traceId, bodies, acknowledged, isUncertain, isOrphaned } of items) {
    traceIds.push(traceId);
    numbers.push(
      id,
      itemKinds.indexOf(kind),
      acknowledged,
      (isUncertain ? 1 : 0) + (isOrphaned ? 2 : 0),
      bodies.length,
    );
    for (const { slab, start, end } of bodies) {
      let at = slabs.lastIndexOf(slab.shared);
      if (at < 0) at = slabs.push(slab.shared) - 1;
      numbers.push(at, start, end);
    }
  }
  return { slabs, traceIds, numbers };
}

/** Unpacks jobs, in the same order. */
export function unpackJobs({ slabs, traceIds, numbers }: PackedJobs): Job[] {
  let at = 0;
  const next = () => {
    at += 1;
    return numbers[at - 1] as number; // packJobs wrote them all
  };
  return traceIds.map((traceId) => {
    const id = next();
    const kind = itemKinds[next()] as ItemKind; // an index of itemKinds
    const acknowledged = next();
    const flags = next();
    const bodies = Array.from({ length: next() }, () => {
      const slab = slabs[next()] as SharedArrayBuffer; // an index of slabs
      const start = next();
      return Buffer.from(slab, start, next() - start);
    });
    return {
      ...{ id, kind, traceId, bodies, acknowledged },
      ...{ isUncertain: (flags & 1) !== 0, isOrphaned: (flags & 2) !== 0 },
    };
  });
}
