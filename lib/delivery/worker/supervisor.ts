import { errorText } from '../../common/error-text.js';
import type { Log } from '../../common/log.js';
import { outside } from '../../common/outside.js';
import { performance } from '../../common/real-time.js';
import type { Report, SenderSettings } from '../wire/messages.js';
import type { WorkerHost, WorkerHostEvents } from './host.js';
import { type LoadSender, startInlineHost } from './inline-host.js';
import { threadObstacle } from './shared-threads.js';
import { startThreadHost } from './thread-host.js';

/** After so many dead threads within `deathWindowMs`, the worker runs inline. */
const maxDeaths = 3;
const deathWindowMs = 60_000;

/** How the worker is started. */
interface SupervisorOptions {
  readonly prefersThread: boolean;
  readonly settings: SenderSettings;
  readonly env: Readonly<Record<string, string>>;
  readonly loadSender: LoadSender;
  readonly log: Log;
}

/** Events of the supervisor. */
export interface SupervisorEvents {
  onReport(report: Report): void;
  onDelivered(ids: readonly number[]): void;
  /** The worker has ended, with all jobs it had. `wasUp`: it had begun to work. */
  onLost(wasUp: boolean): void;
  /** A thread was wanted, but there can be none: from now on the worker runs inline, and items pending at the end of the process are lost. */
  onNoThread(): void;
}

/**
 * Starts the worker when it is first needed, and replaces it when it dies.
 *
 * ```
 *  thread ──3 deaths in a minute, or the first one before it is up──> inline ──its code cannot be loaded──> none
 * ```
 *
 * Senders share a thread until it dies. From then on this one has a thread of its own, so that it is not blamed for items of
 * other senders.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #events: SupervisorEvents;
  #next: 'thread' | 'inline' | 'none';
  #host: WorkerHost | undefined;
  /** Whether the current worker has ever reported. */
  #isUp = false;
  #deaths: number[] = [];

  constructor(options: SupervisorOptions, events: SupervisorEvents) {
    this.#options = options;
    this.#events = events;
    this.#next = options.prefersThread ? 'thread' : 'inline';
  }

  /** Whether the worker is, or would be, a thread. */
  get isThread(): boolean {
    return this.#host === undefined ? this.#next === 'thread' : this.#host.kind === 'thread';
  }

  /** Whether there is a thread, or one may be started when the process ends. */
  get isReadyForExit(): boolean {
    return this.isThread && (this.#host !== undefined || mayStartThread());
  }

  /** Whether the main thread can wait for the worker without an event loop. */
  get canWait(): boolean {
    return this.#host?.waitSync !== undefined;
  }

  /** Whether there is no worker, and can be none. */
  get isExhausted(): boolean {
    return this.#next === 'none' && this.#host === undefined;
  }

  /** The worker, which is started if needed; undefined if there can be none. */
  start(): WorkerHost | undefined {
    this.#host ??= outside(() => this.#startHost());
    return this.#host;
  }

  /** See {@link WorkerHost.drainAcks}. */
  drainAcks(): void {
    this.#host?.drainAcks();
  }

  /** See {@link WorkerHost.requestAckNotifications}. False when no worker runs. */
  requestAckNotifications(isWanted: boolean): boolean {
    return this.#host?.requestAckNotifications(isWanted) === true;
  }

  close(): void {
    this.#next = 'none';
    this.#host?.close();
    this.#host = undefined;
  }

  #startHost(): WorkerHost | undefined {
    const { settings, env, loadSender } = this.#options;
    this.#isUp = false;
    const events: WorkerHostEvents = {
      onReport: (report) => {
        this.#isUp = true;
        this.#events.onReport(report);
      },
      onDelivered: (ids) => this.#events.onDelivered(ids),
      onLost: (reason) => this.#onLost(reason),
    };
    if (this.#next === 'thread') {
      try {
        return startThreadHost(settings, env, this.#deaths.length > 0, events);
      } catch (error) {
        this.#goInline(errorText(error));
      }
    }
    return this.#next === 'inline' ? startInlineHost(settings, loadSender, events) : undefined;
  }

  #onLost(reason: string): void {
    const { kind, isShared = false } = this.#host ?? {};
    this.#host = undefined;
    if (kind === 'inline') {
      this.#next = 'none';
      this.#options.log.error('sender', `nothing can be sent: the sender could not be loaded (${reason})`);
    } else {
      const now = performance.now();
      this.#deaths = [...this.#deaths.filter((at) => now - at < deathWindowMs), now];
      const couldNotStart = !this.#isUp && !isShared;
      if (this.#deaths.length >= maxDeaths || couldNotStart) this.#goInline(reason);
      else this.#options.log.debug(`the worker thread is gone (${reason}); a new one is started`);
    }
    this.#events.onLost(this.#isUp);
  }

  #goInline(reason: string): void {
    this.#next = 'inline';
    this.#options.log.warn(
      'no thread',
      `there is no worker thread (${reason}), so traces are sent from the main thread as soon as they end; await flush() before process.exit(), or the last ones are lost`,
    );
    this.#events.onNoThread();
  }
}

/**
 * Whether a thread can start: Node's permission model allows it, and there is no other obstacle. It is not tried out, because a
 * thread that starts at the end of a program makes Node emit `beforeExit` once more. Source: Node's documentation, *Permissions*, `process.permission`.
 */
function mayStartThread(): boolean {
  const { permission } = process as { readonly permission?: { has(scope: string): boolean } }; // undefined without --permission
  return permission?.has('worker') !== false && threadObstacle() === undefined;
}
