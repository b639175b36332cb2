import { clearTimeout, setTimeout } from '../../common/real-time.js';

/** Slowest uplink that is supported, in bytes per millisecond: a large body gets more time accordingly. */
export const slowestUplink = 50;
/** Size from which a body may be the cause of a broken connection, in bytes, even if all of it was written to the socket's buffers. */
export const leastLarge = 65_536;
/** Longest time for a request with patience, in milliseconds, unless `requestTimeoutMs` is longer. */
export const mostPatientMs = 60_000;

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
