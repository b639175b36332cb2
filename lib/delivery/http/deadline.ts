import { clearTimeout, setTimeout } from '../../common/real-time.js';

/** A time that may be over. An `AbortController` would say the same, in ten times the time. */
export class Deadline {
  readonly #timer: NodeJS.Timeout;
  #stop: (() => void) | undefined;
  isOver = false;

  /** @param isUnref - it does not keep the process alive */
  constructor(ms: number, isUnref: boolean) {
    this.#timer = setTimeout(() => {
      this.isOver = true;
      this.#stop?.();
    }, ms);
    if (isUnref) this.#timer.unref();
  }

  /** @param stop - called when the time is over, in the place of what was to be called before */
  onOver(stop: () => void): void {
    this.#stop = stop;
    if (this.isOver) stop();
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
