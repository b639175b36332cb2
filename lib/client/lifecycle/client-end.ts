import { performance } from '../../common/real-time.js';
import type { ExitParticipant, ExitWatch } from './process-exit.js';

/** Holds spans of another tracer until their trace is over. */
export interface Guest {
  readonly isBusy: boolean;
  /** Hands in everything at once, because `client` takes nothing later. */
  endOpen(client: object): void;
}

/** The parts of a client that end with it. */
interface ClientEndParts {
  readonly client: { flush(options: { timeoutMs: number }): Promise<unknown> };
  readonly recorder: { readonly isOpen: boolean; endOpen(what: 'process'): void };
  readonly sinks: {
    readonly needsLoop: boolean;
    stats(): { readonly pending: number };
    each(call: (sink: { exit?(timeoutMs: number): unknown }) => unknown): void;
  };
  readonly exitTimeoutMs: number;
}

/** A client as a participant in the end of the process, with the guests that hold spans for it. */
export class ClientEnd implements ExitParticipant {
  readonly #parts: ClientEndParts;
  readonly #guests = new Set<Guest>();
  #watch: ExitWatch | undefined;

  constructor(parts: ClientEndParts) {
    this.#parts = parts;
  }

  /** Takes part from now on. */
  watch(watchExit: (participant: ExitParticipant) => ExitWatch): void {
    this.#watch = watchExit(this);
    if (this.isBusy) this.#watch.markBusy();
  }

  /** There may be something to send. */
  markBusy(): void {
    this.#watch?.markBusy();
  }

  /** Takes no part any more. */
  unwatch(): void {
    this.#watch?.stop();
  }

  /** Asks `guest` for what it holds before the client or the process ends. */
  host(guest: Guest): void {
    this.#guests.add(guest);
    this.markBusy();
  }

  endGuests(): void {
    for (const guest of this.#guests) guest.endOpen(this.#parts.client);
    this.#guests.clear();
  }

  endOpen(): void {
    this.endGuests();
    this.#parts.recorder.endOpen('process');
  }

  exit(heldMs: number): void {
    this.endOpen();
    const deadline = performance.now() + this.exitTimeoutMs - heldMs;
    this.#parts.sinks.each((sink) => sink.exit?.(Math.max(0, deadline - performance.now())));
  }

  flush(options: { timeoutMs: number }): Promise<unknown> {
    return this.#parts.client.flush(options);
  }

  get exitTimeoutMs(): number {
    return this.#parts.exitTimeoutMs;
  }

  get pending(): number {
    return this.#parts.sinks.stats().pending;
  }

  get needsLoop(): boolean {
    return this.#parts.sinks.needsLoop;
  }

  get isBusy(): boolean {
    if (this.#parts.recorder.isOpen || this.pending > 0) return true;
    for (const guest of this.#guests) if (guest.isBusy) return true;
    return false;
  }
}
