import { forget } from '../../engine/history.js';
import type { AnyTrace } from './client-recorder.js';

/** Most traces left out by sampling that are remembered, so that their scores are left out, too; and most records that wait for one trace. */
const maxHeld = 10_000;

/** Sends a score, or spans that another tracer has put into the trace. */
type Send = () => void;

/**
 * Scores and spans that wait for the end of their trace, because the backend takes them only when it has the trace; and the ids of
 * traces that are left out.
 */
export class HeldRecords {
  /** By trace id. */
  readonly #waiting = new Map<string, Send[]>();
  /** By trace id; with the trace if it was open. */
  readonly #leftOut = new Map<string, AnyTrace | undefined>();

  /** Keeps a record until its trace, which is open, has ended. If very many wait for a trace that goes on and on, the oldest is sent. */
  hold(traceId: string, send: Send): void {
    const waiting = this.#waiting.get(traceId);
    if (waiting === undefined) this.#waiting.set(traceId, [send]);
    else if (waiting.push(send) > maxHeld) waiting.shift()?.();
  }

  /** The trace has ended. @returns what waited for it */
  release(traceId: string): readonly Send[] | undefined {
    const waiting = this.#waiting.get(traceId);
    this.#waiting.delete(traceId);
    return waiting;
  }

  /** The trace will not be sent. If it is still open when many others were left out after it, the later ones of its flow let go of it. */
  leaveOut(trace: AnyTrace): void {
    this.#waiting.delete(trace.traceId);
    this.#leftOut.set(trace.traceId, trace.ended === false ? trace : undefined);
    for (const [oldest, open] of this.#leftOut) {
      if (this.#leftOut.size <= maxHeld) return;
      this.#leftOut.delete(oldest);
      open?.spans?.forEach(forget);
      if (open) open.outer = undefined;
    }
  }

  isLeftOut(traceId: string): boolean {
    return this.#leftOut.has(traceId);
  }
}
