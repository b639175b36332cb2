import { errorText } from '../../common/error-text.js';
import type { Log } from '../../common/log.js';
import { performance } from '../../common/real-time.js';
import type { Report, SenderSettings } from '../wire/messages.js';
import type { Host, HostEvents } from './host.js';
import { type LoadSender, startInline } from './inline-host.js';
import { startThread } from './thread-host.js';

/** Threads that may die within `deathWindowMs` before sending goes on inline. */
const maxDeaths = 3;
const deathWindowMs = 60_000;

/** What a sender is started with. */
export interface HostingOptions {
  readonly prefersThread: boolean;
  readonly settings: SenderSettings;
  readonly env: Readonly<Record<string, string>>;
  readonly loadSender: LoadSender;
  readonly log: Log;
}

/** What hosting tells. */
export interface HostingEvents {
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
export class Hosting {
  readonly #options: HostingOptions;
  readonly #events: HostingEvents;
  #next: 'thread' | 'inline' | 'none';
  #host: Host | undefined;
  /** Whether the current sender has ever reported. */
  #isUp = false;
  #deaths: number[] = [];

  constructor(options: HostingOptions, events: HostingEvents) {
    this.#options = options;
    this.#events = events;
    this.#next = options.prefersThread ? 'thread' : 'inline';
  }

  /** Whether the sender is, or would be, a thread. */
  get isThread(): boolean {
    return this.#host === undefined ? this.#next === 'thread' : this.#host.kind === 'thread';
  }

  /** Whether a thread was wanted and there can be none: what is not sent before the process ends is lost. */
  get isStandIn(): boolean {
    return this.#options.prefersThread && this.#next !== 'thread';
  }

  /** Whether the sender can be waited for where no event loop runs. */
  get canWait(): boolean {
    return this.#host?.waitSync !== undefined;
  }

  /** Whether nothing can be sent any more. */
  get isOver(): boolean {
    return this.#next === 'none' && this.#host === undefined;
  }

  /** The sender, started if need be; undefined when none can be. */
  get(): Host | undefined {
    this.#host ??= this.#start();
    return this.#host;
  }

  /** Has the events told of what was delivered and not reported yet. */
  collect(): void {
    this.#host?.collect();
  }

  /** As a host's; nothing waits where there is none. */
  want(isWanted: boolean): boolean {
    return this.#host?.want(isWanted) === true;
  }

  close(): void {
    this.#next = 'none';
    this.#host?.close();
    this.#host = undefined;
  }

  #start(): Host | undefined {
    const { settings, env, loadSender } = this.#options;
    this.#isUp = false;
    const events: HostEvents = {
      onReport: (report) => {
        this.#isUp = true;
        this.#events.onReport(report);
      },
      onDelivered: (ids) => this.#events.onDelivered(ids),
      onLost: (reason) => this.#lost(reason),
    };
    if (this.#next === 'thread') {
      try {
        return startThread(settings, env, this.#deaths.length > 0, events);
      } catch (error) {
        this.#goInline(errorText(error));
      }
    }
    return this.#next === 'inline' ? startInline(settings, loadSender, events) : undefined;
  }

  #lost(reason: string): void {
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
