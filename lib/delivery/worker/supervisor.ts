import { errorText } from '../../common/error-text.js';
import type { Log } from '../../common/log.js';
import { performance } from '../../common/real-time.js';
import type { Report, SenderSettings } from '../wire/messages.js';
import type { WorkerHost, WorkerHostEvents } from './host.js';
import { type LoadSender, startInlineHost } from './inline-host.js';
import { startThreadHost } from './thread-host.js';

/** Threads that may die within `deathWindowMs` before sending goes on inline. */
const maxDeaths = 3;
const deathWindowMs = 60_000;

/** What a sender is started with. */
export interface SupervisorOptions {
  readonly prefersThread: boolean;
  readonly settings: SenderSettings;
  readonly env: Readonly<Record<string, string>>;
  readonly loadSender: LoadSender;
  readonly log: Log;
}

/** What supervisor tells. */
export interface SupervisorEvents {
  onReport(report: Report): void;
  onDelivered(ids: readonly number[]): void;
  /** The sender is gone with everything it had in hand. `wasUp`: it had begun to work. */
  onLost(wasUp: boolean): void;
  /** There can be no thread, although one was wanted: from now on only the event loop sends. */
  onNoThread(): void;
}

/**
 * Starts the sender when it is first needed and replaces it when it dies: a thread while threads work, then inline,
 * and when that cannot be loaded either, none. A thread that dies before it is up is not tried again. Senders share a thread until
 * it dies; from then on each has its own, so that none is blamed for what another's item did.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #events: SupervisorEvents;
  #next: 'thread' | 'inline' | 'none';
  #host: WorkerHost | undefined;
  /** Whether the current sender has ever reported. */
  #isUp = false;
  #deaths: number[] = [];

  constructor(options: SupervisorOptions, events: SupervisorEvents) {
    this.#options = options;
    this.#events = events;
    this.#next = options.prefersThread ? 'thread' : 'inline';
  }

  /** Whether the sender is, or would be, a thread. */
  get isThread(): boolean {
    return this.#host === undefined ? this.#next === 'thread' : this.#host.kind === 'thread';
  }

  /** Whether a thread was wanted and there can be none: what is not sent before the process ends is lost. */
  get isFallback(): boolean {
    return this.#options.prefersThread && this.#next !== 'thread';
  }

  /** Whether the sender can be waited for where no event loop runs. */
  get canWait(): boolean {
    return this.#host?.waitSync !== undefined;
  }

  /** Whether nothing can be sent any more. */
  get isExhausted(): boolean {
    return this.#next === 'none' && this.#host === undefined;
  }

  /** The sender, started if need be; undefined when none can be. */
  start(): WorkerHost | undefined {
    this.#host ??= this.#startHost();
    return this.#host;
  }

  /** Has the events told of what was delivered and not reported yet. */
  drainAcks(): void {
    this.#host?.drainAcks();
  }

  /** As a host's; nothing waits where there is none. */
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
