/** Most traces left out by sampling that are remembered, so that their scores are left out, too. */
const maxLeftOut = 10_000;

/** Sends a score, or spans that another tracer has put into the trace. */
type Send = () => void;

const none: readonly Send[] = [];

/**
 * Scores and spans that wait for the end of their trace, because the backend takes them only when it has the trace; and the ids of
 * traces that are left out.
 */
export class HeldRecords {
  /** By trace id. */
  readonly #waiting = new Map<string, Send[]>();
  readonly #leftOut = new Set<string>();

  /** Keeps a record until its trace, which is open, has ended. */
  hold(traceId: string, send: Send): void {
    const waiting = this.#waiting.get(traceId);
    if (waiting === undefined) this.#waiting.set(traceId, [send]);
    else waiting.push(send);
  }

  /** The trace has ended. @returns what waited for it */
  release(traceId: string): readonly Send[] {
    if (this.#waiting.size === 0) return none;
    const waiting = this.#waiting.get(traceId) ?? none;
    this.#waiting.delete(traceId);
    return waiting;
  }

  /** The trace will not be sent. */
  leaveOut(traceId: string): void {
    this.#waiting.delete(traceId);
    this.#leftOut.add(traceId);
    const [oldest] = this.#leftOut;
    if (this.#leftOut.size > maxLeftOut && oldest !== undefined) this.#leftOut.delete(oldest);
  }

  isLeftOut(traceId: string): boolean {
    return this.#leftOut.has(traceId);
  }
}
