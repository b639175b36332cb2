import type { TraceNode } from '../../engine/trace-node.js';

/** Most traces that may be open at once; beyond it the oldest is taken for abandoned. */
export const maxOpen = 10_000;
/** Most traces left out by sampling that are remembered, so that their scores are left out, too. */
const maxLeftOut = 10_000;

/** A trace, which may be another tracer's. */
export type Known = Pick<TraceNode, 'traceId'> & Partial<Pick<TraceNode, 'remote' | 'error'>>;

/** Sends a score, or spans that another tracer has put into the trace. */
type Send = () => void;

const none: readonly Send[] = [];

/**
 * The traces of one client that have begun and not ended, with the scores and spans that wait for them: the backend takes
 * them only when it has the trace.
 */
export class OpenTraces {
  /** By trace id; a trace that is recorded as a span of another process's trace, by its span id. */
  readonly #open = new Map<string, TraceNode>();
  /** Those that wait for a trace of `#open`. */
  readonly #waiting = new Map<string, Send[]>();
  readonly #leftOut = new Set<string>();

  get size(): number {
    return this.#open.size;
  }

  /** @returns the oldest when there are too many */
  add(trace: TraceNode): TraceNode | undefined {
    this.#open.set(keyOf(trace), trace);
    if (this.#open.size <= maxOpen) return undefined;
    const [oldest] = this.#open.values();
    return oldest;
  }

  /** The trace has ended. @returns what waited for it */
  remove(trace: Known): readonly Send[] {
    const key = keyOf(trace);
    this.#open.delete(key);
    if (this.#waiting.size === 0) return none;
    const waiting = this.#waiting.get(key) ?? none;
    this.#waiting.delete(key);
    return waiting;
  }

  /** The trace will not be sent. */
  leaveOut(traceId: string): void {
    this.#open.delete(traceId);
    this.#waiting.delete(traceId);
    this.#leftOut.add(traceId);
    const [oldest] = this.#leftOut;
    if (this.#leftOut.size > maxLeftOut && oldest !== undefined) this.#leftOut.delete(oldest);
  }

  isLeftOut(traceId: string): boolean {
    return this.#leftOut.has(traceId);
  }

  /** Keeps it until its trace ends. @returns false when that is not open here */
  hold(traceId: string, send: Send): boolean {
    if (!this.#open.has(traceId)) return false;
    const waiting = this.#waiting.get(traceId);
    if (waiting === undefined) this.#waiting.set(traceId, [send]);
    else waiting.push(send);
    return true;
  }

  values(): Iterable<TraceNode> {
    return this.#open.values();
  }

  all(): TraceNode[] {
    return [...this.#open.values()];
  }
}

function keyOf({ remote, traceId }: Known): string {
  return remote?.spanId ?? traceId;
}
