import type { Client } from '../client/client.js';
import { type Guest, partsOf } from '../client/recording/client-parts.js';
import { clearTimeout, setTimeout, wallMs } from '../common/real-time.js';
import type { OtelSpan } from '../otel/otel-span.js';
import { HeldTrace } from './held-trace.js';
import { rememberPropagated } from './langfuse-context.js';
import { type CaptureChoice, Outlet, type TracePart } from './outlet.js';
import { originOf, readSpan } from './read-span.js';
import { safely } from './safely.js';
import type { OTelReadableSpan } from './types.js';

/** Most ended spans of one trace that wait until the trace is over. */
const maxEnded = 5000;
/** Most open spans of one trace. Beyond that, the oldest half is given up: a program that forgets to end spans opens more and more. */
const maxOpen = 10_000;
/** Most held traces; and most handed-over traces that are remembered, for spans that come later. */
const maxTraces = 1000;

/** The rules by which traces are held. */
export interface Holding extends CaptureChoice {
  readonly client: () => Client;
  readonly isKept: (span: OTelReadableSpan) => boolean;
  /** Called with each span that is kept. */
  readonly onRecorded: (span: OtelSpan) => void;
  /** Whether only ends of spans are seen, as in an exporter. Then a trace is over when no more spans come. */
  readonly isByTime: boolean;
  /** Length of a round in milliseconds: how often quiet traces are looked for. */
  readonly roundMs: number;
  /** After how many quiet rounds the ended spans of a trace are handed over although it is not over. */
  readonly patience: (trace: HeldTrace) => number;
}

/**
 * Holds the spans of each trace until the trace is over: until none of its spans is open in this process. Then they become one
 * trace of PandaProbe; later spans are late spans of it. A trace does not wait for ever: if it is quiet, has many spans, or there
 * are too many traces, its ended spans are handed over before.
 */
export class HeldTraces {
  readonly #holding: Holding;
  /** The oldest first. */
  readonly #held = new Map<string, HeldTrace>();
  /** Traces that were handed over. */
  readonly #handedOver = new Map<string, HeldTrace>();
  #timer: NodeJS.Timeout | undefined;
  /** The guests of the client that collects the spans held here. */
  #guests: Set<Guest> | undefined;

  constructor(holding: Holding) {
    this.#holding = holding;
  }

  /** Whether ended spans are waiting. */
  get isBusy(): boolean {
    for (const { ended } of this.#held.values()) if (ended.length > 0) return true;
    return false;
  }

  start(span: OTelReadableSpan, parentContext: unknown): void {
    const { traceId, spanId } = span.spanContext();
    const trace = this.#take(traceId);
    trace.start(spanId, span, originOf(span, parentContext));
    rememberPropagated(span, parentContext);
    if (trace.open.size <= maxOpen) return;
    for (const oldest of trace.oldestOpen(maxOpen / 2, spanId)) this.#close(trace, oldest, false);
    if (trace.ended.length > 0) this.#handOver(traceId, trace);
  }

  end(span: OTelReadableSpan): void {
    const { traceId } = span.spanContext();
    const trace = this.#take(traceId);
    this.#close(trace, span, true);
    const isOver = trace.open.size === 0 && !this.#holding.isByTime;
    if (isOver || trace.ended.length >= maxEnded) this.#handOver(traceId, trace);
  }

  /** @param hasEnded - false if the span is given up: it is marked as unfinished */
  #close(trace: HeldTrace, span: OTelReadableSpan, hasEnded: boolean): void {
    const { spanId, traceFlags } = span.spanContext();
    const isKept = trace.mustBeKept(spanId) || ((traceFlags & 1) === 1 && this.#holding.isKept(span));
    trace.end(spanId, isKept, () => originOf(span));
    if (!isKept) return;
    const read = readSpan(span, hasEnded);
    trace.ended.push(hasEnded ? read : unfinished(read));
    this.#holding.onRecorded(read);
    if (trace.ended.length === 1) this.#join();
  }

  /** Lets the client collect the spans before it ends. */
  #join(client = this.#holding.client()): void {
    this.#guests?.delete(this);
    this.#guests = partsOf(client)?.host(this);
  }

  /** Hands over all ended spans. */
  handOver(): void {
    for (const [traceId, trace] of [...this.#held]) this.#handOver(traceId, trace);
  }

  /**
   * Hands over everything, because nothing more will be reported.
   * @param ending - the client that ends; another one may have replaced it already
   */
  endOpen(ending?: object): void {
    const client = this.#holding.client();
    if (ending !== undefined && client !== ending) this.#join(client);
    else for (const [traceId, trace] of [...this.#held]) this.#handOver(traceId, trace, 'cut');
  }

  /** The held trace with this id; takes it back if it was handed over before. */
  #take(traceId: string): HeldTrace {
    const held = this.#held.get(traceId);
    if (held !== undefined) return held;
    const trace = this.#handedOver.get(traceId) ?? new HeldTrace();
    this.#handedOver.delete(traceId);
    this.#held.set(traceId, trace);
    this.#timer ??= this.#startTimer();
    for (const [oldest, first] of this.#held) {
      if (this.#held.size <= maxTraces) break;
      this.#handOver(oldest, first);
      this.#putAside(oldest, first);
    }
    return trace;
  }

  #handOver(traceId: string, trace: HeldTrace, ifOpen: 'running' | 'cut' = 'running'): void {
    const { ended, open } = trace;
    trace.ended = [];
    const state = open.size === 0 ? 'whole' : ifOpen;
    const openOnes = ended.length === 0 && state !== 'cut' ? [] : this.#openOnes(trace);
    if (state === 'cut') open.clear();
    if (open.size === 0) this.#putAside(traceId, trace);
    const spans = trace.inOrder([...ended, ...openOnes]);
    if (spans.length === 0) return;
    for (const { spanId } of openOnes) trace.keep(spanId);
    const remoteStates = new Map<string, string>();
    const placed = spans.map((span): OtelSpan => {
      const { parentId, remoteState } = trace.above(span.spanId);
      if (remoteState !== undefined) remoteStates.set(span.spanId, remoteState);
      return { ...span, parentId };
    });
    trace.outlet ??= new Outlet(this.#holding);
    const part: TracePart = { spans: placed, remoteStates, state };
    const { outlet } = trace;
    safely(() => outlet.handOver(this.#holding.client(), part));
  }

  /** The spans that would be kept if they ended now. */
  #openOnes({ open }: HeldTrace): OtelSpan[] {
    return [...open.values()].filter(this.isToBeKept).flatMap((span) => safely(() => readSpan(span, false)) ?? []);
  }

  readonly isToBeKept = (span: OTelReadableSpan): boolean => {
    return safely(() => (span.spanContext().traceFlags & 1) === 1 && this.#holding.isKept(span)) === true;
  };

  #putAside(traceId: string, trace: HeldTrace): void {
    this.#held.delete(traceId);
    this.#handedOver.set(traceId, trace);
    const [oldest] = this.#handedOver.keys();
    if (this.#handedOver.size > maxTraces && oldest !== undefined) this.#handedOver.delete(oldest);
    if (this.#held.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#guests?.delete(this);
    this.#guests = undefined;
  }

  #startTimer(): NodeJS.Timeout {
    return setTimeout(() => this.#handOverQuiet(), this.#holding.roundMs).unref();
  }

  #handOverQuiet(): void {
    this.#timer = undefined;
    for (const [traceId, trace] of [...this.#held]) {
      trace.quietRounds = trace.isMoving ? 0 : trace.quietRounds + 1;
      trace.isMoving = false;
      if (trace.ended.length > 0 && trace.quietRounds >= this.#holding.patience(trace)) this.#handOver(traceId, trace);
    }
    if (this.#held.size > 0) this.#timer ??= this.#startTimer();
  }
}

/** A span whose end will not be seen ends now. */
function unfinished(span: OtelSpan): OtelSpan {
  const endedAt = Math.max(wallMs(), span.startedAt);
  return { ...span, endedAt, attributes: { ...span.attributes, 'pandaprobe.unfinished': true } };
}
