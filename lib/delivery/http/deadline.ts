import { clearTimeout, setTimeout } from '../../common/real-time.js';

/** A request deadline. (`AbortController` cost ten times as much here.) */
export class Deadline {
  readonly #timer: NodeJS.Timeout;
  #stop: (() => void) | undefined;
  isOver = false;

  /** @param isUnref - the timer does not keep the process alive */
  constructor(ms: number, isUnref: boolean) {
    this.#timer = setTimeout(() => {
      this.isOver = true;
      this.#stop?.();
    }, ms);
    if (isUnref) this.#timer.unref();
  }

  /** @param stop - called when the time is over, or at once if it is; replaces an earlier `stop` */
  onOver(stop: () => void): void {
    this.#stop = stop;
    if (this.isOver) stop();
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
