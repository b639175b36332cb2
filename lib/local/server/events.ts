import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Store, StoreChange } from '../store/store.js';

/**
 * Shortest time between two sends, in milliseconds, so that a trace which changes often is sent only once. After a longer pause,
 * a change is sent at once.
 */
const gatherMs = 100;
/** How often a comment is sent, so that a broken connection is noticed, in milliseconds. */
const heartbeatMs = 15_000;
/** A reader with more unread bytes than this gets no more events until it has caught up. */
const maxBehindBytes = 1024 * 1024;
/** Changes kept for a slow reader; the oldest are dropped. */
const maxWaiting = 10_000;

interface EventsListener {
  readonly response: ServerResponse;
  /** Only this project; undefined for all. */
  readonly project: string | undefined;
  /** Changes not sent yet, once per trace. */
  readonly waiting: Map<string, StoreChange>;
}

/**
 * Tells pages which traces have changed, as server-sent events: `{"trace_id", "project"}`, within 100 ms of the commit and once per
 * trace. Missed events are not sent again: a page that was disconnected reads its list again.
 */
export class Events {
  readonly #listeners = new Set<EventsListener>();
  readonly #stop: () => void;
  #gathering: NodeJS.Timeout | undefined;
  /** The earliest time of the next send, by `performance.now()`. */
  #dueAt = 0;
  readonly #heartbeat: NodeJS.Timeout;

  constructor(store: Store) {
    this.#stop = store.onChange((change) => this.#add(change));
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs);
    this.#heartbeat.unref();
  }

  /** Keeps the connection open and sends changes until it closes. */
  open(request: IncomingMessage, response: ServerResponse, project: string | undefined): void {
    const listener: EventsListener = { response, project, waiting: new Map() };
    this.#listeners.add(listener);
    response.on('close', () => this.#listeners.delete(listener));
    response.on('drain', () => this.#gather());
    request.on('error', () => {});
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    });
    // A page that lost the connection tries again after a second.
    response.write('retry: 1000\n\n: here\n\n');
  }

  close(): void {
    this.#stop();
    clearTimeout(this.#gathering);
    clearInterval(this.#heartbeat);
    for (const { response } of this.#listeners) response.end();
    this.#listeners.clear();
  }

  #add(change: StoreChange): void {
    for (const listener of this.#listeners) {
      if (listener.project !== undefined && listener.project !== change.project) continue;
      const { waiting } = listener;
      waiting.set(change.traceId, change);
      const [oldest] = waiting.size > maxWaiting ? waiting.keys() : [];
      if (oldest !== undefined) waiting.delete(oldest);
    }
    if (this.#listeners.size > 0) this.#gather();
  }

  #gather(): void {
    this.#gathering ??= setTimeout(() => this.#send(), Math.max(0, this.#dueAt - performance.now())).unref();
  }

  #send(): void {
    this.#gathering = undefined;
    this.#dueAt = performance.now() + gatherMs;
    for (const { response, waiting } of this.#listeners) {
      if (waiting.size === 0 || response.writableLength > maxBehindBytes) continue;
      const events = [...waiting.values()].map(({ project, traceId }) => {
        return `data: ${JSON.stringify({ trace_id: traceId, project })}\n\n`;
      });
      waiting.clear();
      response.write(events.join(''));
    }
  }

  #beat(): void {
    for (const { response } of this.#listeners) {
      if (response.writableLength <= maxBehindBytes) response.write(': still here\n\n');
    }
  }
}
