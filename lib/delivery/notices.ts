import type { Log } from '../common/log.js';
import { queueMicrotask } from '../common/real-time.js';
import type { Loss } from './delivery-options.js';
import type { Item, ItemKind } from './item.js';
import type { Obstacle } from './protocol.js';
import type { Eviction } from './queue.js';

/** Where notices go, and what they name. */
export interface NoticeOptions {
  readonly endpoint: string;
  readonly maxQueueSize: number;
  readonly maxQueueBytes: number;
  readonly log: Log;
  onLoss(loss: Loss): void;
}

const words: Readonly<Record<ItemKind, string>> = {
  trace: 'trace',
  spans: 'late spans of trace',
  score: 'score of trace',
};

/**
 * What delivery says, in the log and to `onLoss`. One cause, one line: everything a missing backend leads to shares
 * the cause `backend`, so an hour of it is a line a minute (promise P16).
 */
export class Notices {
  readonly #options: NoticeOptions;
  readonly #pending: () => number;
  readonly #backend: string;
  #isBlockedSaid = false;
  #losses: Loss[] = [];

  constructor(options: NoticeOptions, pending: () => number) {
    this.#options = options;
    this.#pending = pending;
    this.#backend = hostOf(options.endpoint);
  }

  delivered(item: Item, notes: readonly string[]): void {
    this.#isBlockedSaid = false;
    if (notes.length === 0) return;
    const what = `${words[item.kind]} ${item.traceId}`;
    this.#options.log.warn(
      'mended',
      `the backend took the ${what} only after changes: ${notes.slice(0, 5).join('; ')}`,
    );
  }

  failed(item: Item, status: number | undefined, detail: string, later: number): void {
    const and = later > 0 ? ` and ${later} later items of it` : '';
    const message = `gave up the ${words[item.kind]} ${item.traceId}${and}: ${detail}`;
    this.#options.log.error('refused', message);
    this.#tell({ message, status, attempts: item.attempts, items: 1 + later });
  }

  unencodable(kind: ItemKind, traceId: string, error: unknown): void {
    const message = `could not write the ${words[kind]} ${traceId} as JSON: ${error instanceof Error ? error.message : 'unknown'}`;
    this.#options.log.error('unencodable', message);
    this.#tell({ message, attempts: 0, items: 1 });
  }

  /** The queue is held. Refused keys and wrong endpoints are also an error, once. */
  held(obstacle: Obstacle): void {
    const kept = `${this.#pending()} items are kept and will be tried again`;
    if (obstacle.cause === 'rate') {
      this.#options.log.debug(`${this.#backend} limits the rate: ${obstacle.detail}; ${kept}`);
    } else if (obstacle.cause === 'blocked') {
      if (this.#isBlockedSaid) return;
      this.#isBlockedSaid = true;
      const isKey = obstacle.status === 401 || obstacle.status === 403;
      const isAnswer = obstacle.status !== undefined && obstacle.status !== 407;
      const why = isKey
        ? 'refused the API key for this project; check apiKey and projectName'
        : isAnswer
          ? 'does not answer like a PandaProbe backend; check endpoint'
          : 'cannot be reached as the environment says; check the proxy';
      const message = `${this.#backend} ${why}: ${obstacle.detail}; ${kept}`;
      this.#options.log.error('backend', message);
      this.#tell({ message, status: obstacle.status, attempts: 1, items: 0 });
    } else {
      this.#options.log.warn('backend', `cannot deliver to ${this.#backend}: ${obstacle.detail}; ${kept}`);
    }
  }

  evicted(reason: Eviction, isHeld: boolean): void {
    const { maxQueueSize, maxQueueBytes } = this.#options;
    const why =
      reason === 'queue_full'
        ? `the queue is full (maxQueueSize ${maxQueueSize}), the oldest trace was dropped`
        : reason === 'queue_bytes'
          ? `the queue is full (maxQueueBytes ${maxQueueBytes}), the oldest trace was dropped`
          : `a trace is larger than the whole queue (maxQueueBytes ${maxQueueBytes}) and was dropped`;
    this.#options.log.warn(isHeld ? 'backend' : 'queue full', why);
  }

  /** @param spooled - items that are on disk for the next process */
  shutDown(lost: number, spooled: number): void {
    this.#spooled(spooled);
    if (lost > 0) this.#options.log.error('shutdown', `${lost} items could not be delivered before shutdown`);
  }

  /**
   * @param waitedMs - undefined where nobody could be waited for
   * @param spooled - as for {@link shutDown}
   */
  exited(lost: number, waitedMs: number | undefined, spooled: number): void {
    this.#spooled(spooled);
    const why =
      waitedMs === undefined
        ? 'only its event loop could have sent them; await flush() before it ends'
        : `exitTimeoutMs ${waitedMs}`;
    const message = `${lost} items could not be delivered before the process ended (${why})`;
    if (lost > 0) this.#options.log.error('exit', message);
    this.#tellAll(); // no microtask runs any more
  }

  /** Recorded when the process had ended for us. */
  tooLate(): void {
    this.#options.log.error('too late', 'what an exit listener records can be sent by the thread only, and is lost');
  }

  #spooled(items: number): void {
    if (items > 0) this.#options.log.debug(`${items} items are in the spool for the next process`);
  }

  /** Not from within: a callback that ends the process must find delivery in order. */
  #tell(loss: Loss): void {
    this.#losses.push(loss);
    if (this.#losses.length === 1) queueMicrotask(() => this.#tellAll());
  }

  #tellAll(): void {
    for (const loss of this.#losses.splice(0)) {
      try {
        const returned: unknown = this.#options.onLoss(loss);
        if (returned instanceof Promise) returned.catch(() => this.#threw());
      } catch {
        this.#threw();
      }
    }
  }

  #threw(): void {
    this.#options.log.warn('onError', 'the onError callback threw; that is ignored');
  }
}

/** Without what an endpoint may carry in front of the `@`. */
function hostOf(endpoint: string): string {
  try {
    return new URL(endpoint).host;
  } catch {
    return 'the endpoint';
  }
}
