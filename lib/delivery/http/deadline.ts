import { clearTimeout, setTimeout } from '../../common/real-time.js';

/** Slowest uplink that is supported, in bytes per millisecond: a large body gets more time accordingly. */
const slowestUplink = 50;
/** Longest time for a request with patience, in milliseconds, unless `requestTimeoutMs` is longer. */
const mostPatientMs = 60_000;

/** How long a request may take. */
interface RequestTime {
  /** The usual time, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** How many times the usual time this request may take, within a bound. */
  readonly patience: number;
  /** Size of its body; a string counts in UTF-16 units. */
  readonly bytes: number;
}

/** A request deadline. (`AbortController` cost ten times as much here.) */
export class Deadline {
  readonly #timer: NodeJS.Timeout;
  #stop: (() => void) | undefined;
  isOver = false;

  /** @param isUnref - the timer does not keep the process alive */
  constructor({ requestTimeoutMs, patience, bytes }: RequestTime, isUnref: boolean) {
    const timeMs = Math.min(requestTimeoutMs * patience, Math.max(requestTimeoutMs, mostPatientMs));
    this.#timer = setTimeout(
      () => {
        this.isOver = true;
        this.#stop?.();
      },
      timeMs + bytes / slowestUplink,
    );
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
