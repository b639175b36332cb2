import { sharedMemory } from '../../common/builtins.js';
import { maxInFlight } from '../wire/messages.js';

/** Where each 32-bit integer is; the ids are 64-bit floats behind them. */
const sequenceAt = 0;
const closedAt = 1;
const requestedAt = 2;
const countAt = 3;
const integers = 4;

const none: readonly number[] = [];

/**
 * Memory that both threads see: delivered items are acknowledged through it without a message. Receiving a message costs the
 * application's thread tens of microseconds, and most acknowledgements can wait until that thread looks by itself.
 *
 * ```
 *  sequence   grows with every report of the worker; the application's thread can sleep until it does
 *  closed     1 when the worker thread has ended
 *  requested  1 while the application's thread wants a message for every delivery
 *  count      items delivered so far
 *  ids        · · 7 8 9 · ·      a ring: the id of the n-th delivered item is at n modulo its length
 *                 │     └ count
 *                 └ read so far, which only the application's thread needs to know
 * ```
 *
 * Invariants: no more ids are unread than items may be in flight, so none is overwritten. An id is written before `count` counts
 * it. The worker writes an id and then looks at `requested`; the application's thread sets `requested` and then looks for ids.
 * So whichever comes later sees what the other did, and nobody waits for a message that is not sent.
 */
export class AckRing {
  readonly memory: SharedArrayBuffer;
  readonly #integers: Int32Array;
  readonly #ids: Float64Array;
  /** Ids read so far; known to the application's thread only. */
  #read = 0;
  #isRequested = false;

  /**
   * @param memory - the memory of the other thread's ring. @defaultValue new memory
   * @throws Error when the platform has no shared memory
   */
  constructor(memory?: SharedArrayBuffer) {
    const start = integers * Int32Array.BYTES_PER_ELEMENT;
    const shared = memory ?? sharedMemory(start + maxInFlight * Float64Array.BYTES_PER_ELEMENT);
    if (shared === undefined) throw new Error('there is no memory that threads share');
    this.memory = shared;
    this.#integers = new Int32Array(this.memory, 0, integers);
    this.#ids = new Float64Array(this.memory, start, maxInFlight);
  }

  /** Worker: acknowledges delivered items. */
  write(ids: readonly number[]): void {
    let count = this.count;
    for (const id of ids) {
      this.#ids[indexOf(count)] = id;
      count = (count + 1) | 0;
    }
    Atomics.store(this.#integers, countAt, count);
  }

  /** Worker: wakes the application's thread if it sleeps. */
  notify(): void {
    Atomics.add(this.#integers, sequenceAt, 1);
    Atomics.notify(this.#integers, sequenceAt);
  }

  /** Worker: it ends, and writes nothing more. */
  close(): void {
    Atomics.store(this.#integers, closedAt, 1);
    this.notify();
  }

  /** Worker: whether a message is wanted for every delivery. */
  get isRequested(): boolean {
    return Atomics.load(this.#integers, requestedAt) === 1;
  }

  get isClosed(): boolean {
    return Atomics.load(this.#integers, closedAt) === 1;
  }

  get sequence(): number {
    return Atomics.load(this.#integers, sequenceAt);
  }

  get count(): number {
    return Atomics.load(this.#integers, countAt);
  }

  /** Application: ids of the items delivered since the last call. @param until - a count; later ids stay */
  take(until = this.count): readonly number[] {
    let unread = (until - this.#read) | 0;
    if (unread <= 0) return none;
    const ids: number[] = [];
    for (; unread > 0; unread -= 1) {
      ids.push(this.#ids[indexOf(this.#read)] as number); // in range
      this.#read = (this.#read + 1) | 0;
    }
    return ids;
  }

  /** Application: sets whether the worker sends a message for every delivery. @returns true if ids are unread already */
  requestNotifications(isOn: boolean): boolean {
    if (isOn !== this.#isRequested) Atomics.store(this.#integers, requestedAt, isOn ? 1 : 0);
    this.#isRequested = isOn;
    return isOn && this.count !== this.#read;
  }

  /** Application: sleeps until `sequence` is more than `seen`. @returns false when the time is up before */
  sleep(seen: number, ms: number): boolean {
    return Atomics.wait(this.#integers, sequenceAt, seen, ms) !== 'timed-out';
  }
}

/** The counters are 32-bit integers that overflow into the negative; the ring's length is a power of two. */
function indexOf(count: number): number {
  return count & (maxInFlight - 1);
}
