import type { TraceNode } from '../../engine/trace-node.js';
import type { ScoreRecord } from '../../model/records.js';

/** Most traces that may be open at once; beyond it the oldest is taken for abandoned. */
export const maxOpen = 10_000;
/** Most traces left out by sampling that are remembered, so that their scores are left out, too. */
const maxLeftOut = 10_000;

const none: readonly ScoreRecord[] = [];

/**
 * The traces of one client that have begun and not ended, with the scores that wait for them: the backend takes
 * a score only when it has the trace.
 */
export class OpenTraces {
  readonly #open = new Map<string, TraceNode>();
  /** Those that wait for a trace of `#open`. */
  readonly #scores = new Map<string, ScoreRecord[]>();
  readonly #leftOut = new Set<string>();

  get size(): number {
    return this.#open.size;
  }

  /** @returns the oldest when there are too many */
  add(trace: TraceNode): TraceNode | undefined {
    this.#open.set(trace.traceId, trace);
    if (this.#open.size <= maxOpen) return undefined;
    const [oldest] = this.#open.values();
    return oldest;
  }

  /** The trace has ended. @returns the scores that waited for it */
  remove(trace: TraceNode): readonly ScoreRecord[] {
    this.#open.delete(trace.traceId);
    if (this.#scores.size === 0) return none;
    const scores = this.#scores.get(trace.traceId) ?? none;
    this.#scores.delete(trace.traceId);
    return scores;
  }

  /** The trace will not be sent. */
  leaveOut(traceId: string): void {
    this.#open.delete(traceId);
    this.#scores.delete(traceId);
    this.#leftOut.add(traceId);
    const [oldest] = this.#leftOut;
    if (this.#leftOut.size > maxLeftOut && oldest !== undefined) this.#leftOut.delete(oldest);
  }

  isLeftOut(traceId: string): boolean {
    return this.#leftOut.has(traceId);
  }

  /** Keeps the score until its trace ends. @returns false when that is not open here */
  hold(score: ScoreRecord): boolean {
    if (!this.#open.has(score.traceId)) return false;
    const scores = this.#scores.get(score.traceId);
    if (scores === undefined) this.#scores.set(score.traceId, [score]);
    else scores.push(score);
    return true;
  }

  values(): Iterable<TraceNode> {
    return this.#open.values();
  }

  all(): TraceNode[] {
    return [...this.#open.values()];
  }
}
