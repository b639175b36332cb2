import { setImmediate } from '../../common/real-time.js';

/**
 * Postpones the second half of recording a large value to a later turn of the event loop. The program's call has captured the value,
 * which takes about as long as `JSON.stringify`; other work of the loop can run before its text is written to the queue.
 *
 * Invariant: at most one record is held back, and `run` is called before anything is released, flushed or counted.
 */
export class Postponed {
  #next: (() => void) | undefined;

  /** Runs `finish` in the next turn, or in `run` if that comes earlier. An earlier `finish` must have run. */
  set(finish: () => void): void {
    this.#next = finish;
    setImmediate(() => this.run());
  }

  /** Runs the postponed `finish`, if there is one. */
  run(): void {
    const finish = this.#next;
    this.#next = undefined;
    finish?.();
  }
}
