import { hasMark } from '../../common/local-mark.js';
import { performance } from '../../common/real-time.js';

/** How often open traces are sent. Times in milliseconds. */
export interface Rhythm {
  /** A trace that ends sooner is sent once, when it has ended. */
  readonly firstMs: number;
  /** Shortest time between two updates of one trace. */
  readonly everyMs: number;
  /** How often to look for what is new. */
  readonly checkMs: number;
  /** Whether updates use only a share of the backend's rate limit. */
  readonly isFrugal: boolean;
}

/** Nearly at once: within 300 ms after the trace's start, then four times a second. */
const closely: Rhythm = { firstMs: 100, everyMs: 250, checkMs: 80, isFrugal: false };
/** Longest time from the end of a span to its update, in milliseconds. A long run that is killed loses no more than this. */
const mostLostMs = 5000;
const rareCheckMs = 200;
/** Shortest time between two rare updates, in milliseconds. A change is found at most one check later. */
export const rareUpdateMs = mostLostMs - rareCheckMs;
/** Only long runs, and as rarely as possible. */
const fromAfar: Rhythm = { firstMs: 15_000, everyMs: rareUpdateMs, checkMs: rareCheckMs, isFrugal: true };

/**
 * The rhythm of a client; undefined if it does not send open traces.
 * @param isHeldBack - whether a backend on this machine gets no more updates than any other, because it has answered 429, or because no
 * local server runs there
 */
export function rhythmOf(live: boolean | 'auto', endpoint: string, isHeldBack: boolean): Rhythm | undefined {
  if (live === false) return undefined;
  if (isOnThisMachine(endpoint) && !isHeldBack) return closely;
  return live === 'auto' || isHeldBack ? fromAfar : { ...closely, isFrugal: true };
}

/** How long the result of looking for a local server is cached, in milliseconds. */
const knownMs = 1000;

/** Finds out whether somebody may be watching: always if `live` is set, else while our local server runs at the endpoint. */
export function watcherOf(live: boolean | 'auto', endpoint: string): () => boolean {
  if (live !== 'auto' || !isOnThisMachine(endpoint)) return () => live === true;
  const { port, protocol } = new URL(endpoint);
  let isWatched = false;
  let knownUntil = Number.NEGATIVE_INFINITY;
  return () => {
    const now = performance.now();
    if (now >= knownUntil) {
      isWatched = hasMark(port || (protocol === 'https:' ? 443 : 80));
      knownUntil = now + knownMs;
    }
    return isWatched;
  };
}

function isOnThisMachine(endpoint: string): boolean {
  if (!URL.canParse(endpoint)) return false;
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(endpoint).hostname);
}

/** Requests of updates in a minute. A fifth of what a key may send. Source: backend-contract.md, *Rate limit*. */
export const tracesPerMinute = 20;
export const othersPerMinute = 40;
/** Requests that may follow each other at once after a pause. */
const burst = 5;

/** A token bucket for updates: their share of the backend's rate limit. */
export class TokenBucket {
  readonly #perMs: number;
  #left = burst;
  #at: number;

  constructor(perMinute: number, now: number) {
    this.#perMs = perMinute / 60_000;
    this.#at = now;
  }

  /** Whether no token is left. */
  isSpent(now: number): boolean {
    this.#left = Math.min(burst, this.#left + (now - this.#at) * this.#perMs);
    this.#at = now;
    return this.#left < 1;
  }

  /** Takes a token for each request. Taking more than are left makes the next wait longer. @returns false if none is left */
  take(now: number, requests: number): boolean {
    if (this.isSpent(now)) return false;
    this.#left -= requests;
    return true;
  }
}
