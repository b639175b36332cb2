import { performance } from '../../common/real-time.js';
import { type ExitWatch, watchExit } from './process-exit.js';
import { keepRequestsApart } from './requests-apart.js';

/** Number of items that are not settled. */
interface Pending {
  readonly pending: number;
}

/** A sink at the end of the process. */
interface EndingSink {
  exit?(timeoutMs: number): unknown;
  stats?(): Pending;
}

/** Whether the delivery behind a sink can send in the `exit` event. */
interface ExitReadiness {
  readonly isReadyForExit: boolean;
}

/** The parts of a client that end with the process. */
interface ClientEndParts {
  readonly client: { flush(options: { timeoutMs: number }): Promise<unknown> };
  readonly sinks: {
    stats(): Pending;
    each(call: (sink: EndingSink, direct: { readonly delivery: ExitReadiness } | undefined) => unknown): void;
  };
  readonly exitTimeoutMs: number;
  /** Whether something is open or not sent yet. */
  isBusy(): boolean;
  /** Ends what is open. */
  endOpen(): void;
}

/** Lets a client take part in the end of the process from now on. */
export function watchClient({ client, sinks, exitTimeoutMs, isBusy, endOpen }: ClientEndParts): ExitWatch {
  const release = keepRequestsApart();
  const watch = watchExit({
    exitTimeoutMs,
    endOpen,
    exit(heldMs) {
      endOpen();
      const deadline = performance.now() + exitTimeoutMs - heldMs;
      sinks.each((sink) => sink.exit?.(Math.max(0, deadline - performance.now())));
    },
    flush: (options) => client.flush(options),
    get pending() {
      return sinks.stats().pending;
    },
    get needsLoop() {
      let isNeeded = false;
      sinks.each((sink, direct) => {
        const isAtExit = direct?.delivery.isReadyForExit ?? sink.exit !== undefined;
        isNeeded ||= !isAtExit && (sink.stats?.().pending ?? 0) > 0;
      });
      return isNeeded;
    },
    get isBusy() {
      return isBusy();
    },
  });
  if (isBusy()) watch.markBusy();
  return {
    markBusy: () => watch.markBusy(),
    stop() {
      release();
      watch.stop();
    },
  };
}
