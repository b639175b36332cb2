import { sharedMemory } from '../../common/builtins.js';
import { maxAway } from '../wire/messages.js';

/** Where each 32-bit integer is; the ids are 64-bit floats behind them. */
const told = 0;
const dead = 1;
const wanted = 2;
const written = 3;
const integers = 4;

const none: readonly number[] = [];

/**
 * What the threads tell each other without a message, in memory that both see. A message takes the application's thread
 * tens of microseconds, and most of what there is to tell is that something was delivered, which can wait until that thread
 * comes by.
 *
 * ```
 *  told     times the sender's thread has told something; it can be slept on
 *  dead     1 when that thread has ended
 *  wanted   1 when the application's thread wants a message as soon as something was delivered
 *  written  jobs delivered so far
 *  ids      · · 7 8 9 · ·      a ring: where the n-th delivered one's id lies is n modulo its length
 *               │     └ written
 *               └ read so far, which only the application's thread needs to know
 * ```
 *
 * Invariants: no more are unread than there may be away, so none is overwritten; an id is there before `written` counts it.
 * One side writes an id and then looks at `wanted`, the other sets `wanted` and then looks for ids: whichever comes later
 * sees what the other did, so nobody waits for a message that is not sent.
 */
export class Signals {
  readonly memory: SharedArrayBuffer;
  readonly #integers: Int32Array;
  readonly #ids: Float64Array;
  /** The application's thread's own. */
  #read = 0;
  #isWanted = false;

  /**
   * @param memory - that of the other thread; new where it is not given
   * @throws Error where the platform has none
   */
  constructor(memory?: SharedArrayBuffer) {
    const start = integers * Int32Array.BYTES_PER_ELEMENT;
    const shared = memory ?? sharedMemory(start + maxAway * Float64Array.BYTES_PER_ELEMENT);
    if (shared === undefined) throw new Error('there is no memory that threads share');
    this.memory = shared;
    this.#integers = new Int32Array(this.memory, 0, integers);
    this.#ids = new Float64Array(this.memory, start, maxAway);
  }

  /** The sender's thread: these were delivered. */
  deliver(ids: readonly number[]): void {
    let count = this.written;
    for (const id of ids) {
      this.#ids[indexOf(count)] = id;
      count = (count + 1) | 0;
    }
    Atomics.store(this.#integers, written, count);
  }

  /** The sender's thread: wakes whoever sleeps. */
  tell(): void {
    Atomics.add(this.#integers, told, 1);
    Atomics.notify(this.#integers, told);
  }

  /** The sender's thread: this was the last. */
  die(): void {
    Atomics.store(this.#integers, dead, 1);
    this.tell();
  }

  get isWanted(): boolean {
    return Atomics.load(this.#integers, wanted) === 1;
  }

  get isDead(): boolean {
    return Atomics.load(this.#integers, dead) === 1;
  }

  get told(): number {
    return Atomics.load(this.#integers, told);
  }

  get written(): number {
    return Atomics.load(this.#integers, written);
  }

  /** The application's thread: ids of jobs that were delivered since it last asked. @param until - leaves what came later */
  collect(until = this.written): readonly number[] {
    let unread = (until - this.#read) | 0;
    if (unread <= 0) return none;
    const ids: number[] = [];
    for (; unread > 0; unread -= 1) {
      ids.push(this.#ids[indexOf(this.#read)] as number); // in range
      this.#read = (this.#read + 1) | 0;
    }
    return ids;
  }

  /** The application's thread: whether it wants messages. @returns whether something was delivered before it did */
  want(isWanted: boolean): boolean {
    if (isWanted !== this.#isWanted) Atomics.store(this.#integers, wanted, isWanted ? 1 : 0);
    this.#isWanted = isWanted;
    return isWanted && this.written !== this.#read;
  }

  /** The application's thread: sleeps until more was told than `seen`. @returns false when the time is up before */
  sleep(seen: number, ms: number): boolean {
    return Atomics.wait(this.#integers, told, seen, ms) !== 'timed-out';
  }
}

/** The counters are 32-bit integers that overflow into the negative; the ring's length is a power of two. */
function indexOf(count: number): number {
  return count & (maxAway - 1);
}
