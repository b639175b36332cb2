import type { OtelSpan } from '../otel/otel-span.js';
import type { Outlet } from './outlet.js';
import type { Origin } from './read-span.js';
import type { OTelReadableSpan } from './types.js';

/** Most ended spans of one trace whose place is remembered, so that later spans find their parent. */
const maxPlaces = 10_000;
/** Most spans around one that are looked for. */
const maxAround = 1000;

interface SpanPlace extends Origin {
  /** Undefined while the span is open. */
  isKept: boolean | undefined;
  /** Its number in the order of starts; times in milliseconds are too coarse for that. */
  readonly order: number;
}

/**
 * One trace of OpenTelemetry as this process sees it: the open spans, the ended ones, and the parent of each.
 *
 *     GET /chat            not kept                      trace
 *     └─ handler           not kept       ──────>        └─ ai.streamText
 *        └─ ai.streamText  kept                             └─ chat
 *           └─ fetch       not kept
 *              └─ chat     kept
 */
export class HeldTrace {
  readonly open = new Map<string, OTelReadableSpan>();
  /** Ended spans to be handed over, still without parents: see `above`. */
  ended: OtelSpan[] = [];
  /** Whether a span has started or ended since the last round. */
  isMoving = true;
  /** How many rounds in a row nothing has started or ended. */
  quietRounds = 0;
  /** Whether the trace's top span in this process has ended. */
  hasRoot = false;
  /** The outlet that takes the trace, with the state in which it was last handed over. */
  outlet: Outlet | undefined;
  readonly #places = new Map<string, SpanPlace>();
  #count = 0;

  start(spanId: string, span: OTelReadableSpan, origin: Origin): void {
    this.open.set(spanId, span);
    this.#put(spanId, origin);
    this.isMoving = true;
  }

  /** @param origin - used if the start of the span was not seen */
  end(spanId: string, isKept: boolean, origin: () => Origin): void {
    this.open.delete(spanId);
    const place = this.#places.get(spanId) ?? this.#put(spanId, origin());
    // A span that is already the parent of others must be kept.
    place.isKept = place.isKept === true || isKept;
    if (place.parentId === undefined || place.remoteState !== undefined) this.hasRoot = true;
    this.isMoving = true;
    if (this.#places.size - this.open.size > maxPlaces) this.#forget();
  }

  /** The oldest open spans, without those around the span `inner`, which may still end. */
  oldestOpen(count: number, inner: string): OTelReadableSpan[] {
    const around = new Set<string>();
    for (let at: string | undefined = inner; at && !around.has(at) && around.size < maxAround; ) {
      around.add(at);
      at = this.#places.get(at)?.parentId;
    }
    return [...this.open.values()].filter((span) => !around.has(span.spanContext().spanId)).slice(0, count);
  }

  /** Spans in the order in which they started. */
  inOrder(spans: readonly OtelSpan[]): OtelSpan[] {
    const orderOf = ({ spanId }: OtelSpan) => this.#places.get(spanId)?.order ?? 0;
    return spans.toSorted((a, b) => orderOf(a) - orderOf(b));
  }

  /** Whether a span was handed over while it was open, so that it must be handed over again when it ends. */
  mustBeKept(spanId: string): boolean {
    return this.#places.get(spanId)?.isKept === true;
  }

  /** The span was handed over while it is open. */
  keep(spanId: string): void {
    const place = this.#places.get(spanId);
    if (place !== undefined) place.isKept = true;
  }

  /** The nearest kept span above; without one, the parent that came with the trace into this process. */
  above(spanId: string): Origin {
    const passed = new Set<string>(); // ids may go round
    let at = this.#places.get(spanId);
    while (at?.parentId !== undefined && at.remoteState === undefined && !passed.has(at.parentId)) {
      const parent = this.#places.get(at.parentId);
      if (at.parentId === spanId || parent === undefined) break;
      if (parent.isKept === true) return { parentId: at.parentId, remoteState: undefined };
      passed.add(at.parentId);
      at = parent;
    }
    return { parentId: undefined, remoteState: at?.remoteState };
  }

  #put(spanId: string, origin: Origin): SpanPlace {
    const place = { ...origin, isKept: undefined, order: this.#count };
    this.#count += 1;
    this.#places.set(spanId, place);
    return place;
  }

  /** Forgets the oldest half of the ended spans. */
  #forget(): void {
    let left = maxPlaces / 2;
    for (const spanId of this.#places.keys()) {
      if (left === 0) return;
      if (this.open.has(spanId)) continue;
      this.#places.delete(spanId);
      left -= 1;
    }
  }
}
