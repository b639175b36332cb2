import type { Link } from './linked-list.js';
import type { SlabText } from './slab-store.js';

/** What an item carries: a trace, spans that ended after their trace, or one score. In the order in which a group sends them. */
export const itemKinds = ['trace', 'spans', 'score'] as const;
export type ItemKind = (typeof itemKinds)[number];

/** What log lines call an item, in front of the id of its trace. */
export const itemNames: Readonly<Record<ItemKind, string>> = {
  trace: 'trace',
  spans: 'late spans of trace',
  score: 'score of trace',
};

/** One record as request bodies. It is the unit that stats count. */
export interface Item {
  /** Ascending in the order of recording. */
  id: number;
  traceId: string;
  kind: ItemKind;
  /** Bodies that are still to be sent, in order. */
  bodies: SlabText[];
  /** Bodies acknowledged so far. The first body of a trace holds the trace itself, the others hold spans. */
  acknowledged: number;
  /** Bytes of its bodies. */
  bytes: number;
  /** Requests made for it. */
  attempts: number;
  /** The repairs so far: which values were cut or left out so that the backend accepts the item. */
  notes: readonly string[];
  /** Answers that its trace is not stored (yet): their number, the time of the last one, and how long the item has waited so far. */
  notFoundCount: number;
  notFoundAt: number;
  absentMs: number;
  /** Faults in a row, whatever the cause. */
  faults: number;
  /** How likely this item is the cause of its faults: see `lib/delivery/schedule/poison-score.ts`. */
  suspicion: number;
  /** At its last fault: requests of its route that had been answered, and that had met a fault. */
  passedAtFault: number;
  failedAtFault: number;
  /** The worker died while this item was in flight. */
  wasInFlightAtCrash: boolean;
  /**
   * The backend is asked before it is sent: a score may be stored although no answer came, and must not be stored twice; spans must
   * not come before the end of a trace that was sent while it was open.
   */
  isUncertain: boolean;
  /** It is an update: what was known of the trace before it ended. A later update, and the trace itself, replace it. */
  isUpdate: boolean;
  /** Spans of another process's trace, which may come later, or never. */
  isRemote: boolean;
  /** The wait for that process is over: if its trace is not stored, a placeholder is made for these spans. */
  isOrphaned: boolean;
}

/**
 * All pending items of one trace: the trace, its late spans, its scores, in that order. Only the first one may be in flight; the
 * others wait for its acknowledgement.
 */
export interface Group {
  traceId: string;
  readonly items: Item[];
  /** `buffered`: not released yet. `ready`: may be sent. `waiting`: until `wakeAt`. `inFlight`: the worker has the first item. */
  place: 'buffered' | 'ready' | 'waiting' | 'inFlight' | 'gone';
  wakeAt: number;
  readonly byAge: Link<Group>;
  readonly byPlace: Link<Group>;
}
