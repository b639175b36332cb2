import { setImmediate } from '../../common/real-time.js';

/**
 * Puts off what a large record still needs to a turn of the event loop of its own. The program's call has read the value by then,
 * which takes about as long as `JSON.stringify`; other work of the loop comes between the two.
 *
 * Invariant: at most one record is held back, and `run` is called before anything is released, flushed or counted.
 */
export class Postponed {
  #next: (() => void) | undefined;

  /** Runs `finish` in the next turn, or in `run` if that comes before. What was put off earlier must have been run. */
  set(finish: () => void): void {
    this.#next = finish;
    setImmediate(() => this.run());
  }

  /** Runs what was put off, if anything was. */
  run(): void {
    const finish = this.#next;
    this.#next = undefined;
    finish?.();
  }
}
