import type { Log } from '../common/log.js';
import { performance, soon } from '../common/real-time.js';
import type { FoldedLateSpans, FoldedText, FoldedTrace, ScoreRecord } from '../model/records.js';
import type { FlushOptions, FlushResult } from '../model/sink.js';
import { unfold } from '../model/unfold.js';
import {
  type Delivery,
  type DeliveryOptions,
  defaultFlushMs,
  defaultMaxBodyBytes,
  defaultMaxSpoolBytes,
} from './options.js';
import { type BodyLimits, encodeLateSpans, encodeScore, encodeTrace, maxSpansPerRequest } from './pandaprobe/encode.js';
import type { Item, ItemKind } from './queue/item.js';
import { Queue } from './queue/queue.js';
import { routeOf } from './queue/route.js';
import { Notices } from './report/diagnostics.js';
import { LostTraces } from './report/lost-traces.js';
import type { Remains } from './report/reasons.js';
import { type DeliveryStats, Ledger } from './report/stats.js';
import { Asking } from './schedule/batch-trigger.js';
import { Drain } from './schedule/dispatcher.js';
import { Turns } from './schedule/loop.js';
import { Pace } from './schedule/pace.js';
import { type Flushed, Flushes } from './schedule/pending-flushes.js';
import { defaultTiming, type Timing } from './schedule/timing.js';
import { Backlog } from './spool/spooled-queue.js';
import { maxAway, type Report } from './wire/messages.js';
import { createHosting } from './worker/create-supervisor.js';
import type { Hosting } from './worker/supervisor.js';

export type { Delivery, DeliveryOptions } from './options.js';
export type { Loss } from './report/diagnostics.js';

/** For a worker on this thread. The build makes it a file of its own: axios takes over 100 ms to load. */
const loadSender = async () => (await import('./start-sender.js')).startSender;

/** Makes a delivery. It registers no process listeners: call `exit` from yours. */
export function createDelivery(options: DeliveryOptions): Delivery {
  return new QueuedDelivery(options);
}

class QueuedDelivery implements Delivery {
  readonly #ledger = new Ledger();
  readonly #lostTraces = new LostTraces();
  readonly #queue: Queue;
  readonly #pace: Pace;
  readonly #drain: Drain;
  readonly #hosting: Hosting;
  readonly #notices: Notices;
  readonly #timing: Timing;
  readonly #log: Log;
  readonly #flushes: Flushes;
  readonly #backlog: Backlog | undefined;
  readonly #asking: Asking;
  readonly #turns: Turns;
  #limits: BodyLimits;
  #isWarm = false;
  #isClosed = false;
  /** How much longer the process may be held, once it ends. */
  #exitLeftMs: number | undefined;
  #shutdown: Promise<FlushResult> | undefined;

  constructor(options: DeliveryOptions) {
    const timing = { ...defaultTiming, ...options.timing };
    const maxBodyBytes = options.maxBodyBytes ?? defaultMaxBodyBytes;
    this.#timing = timing;
    this.#log = options.log;
    this.#limits = { maxSpans: maxSpansPerRequest, maxBytes: maxBodyBytes };
    this.#asking = new Asking(options, () => {
      this.#queue.ask();
      this.#turns.run();
    });
    this.#notices = new Notices(options, timing.tellFaultMs, () => this.#ledger.pending);
    this.#pace = new Pace(timing, maxAway);
    this.#queue = new Queue({ maxItems: options.maxQueueSize, maxBytes: options.maxQueueBytes }, (items, reason) => {
      this.#lose(items, reason);
      this.#notices.evicted(reason);
    });
    this.#drain = new Drain(this.#queue, this.#pace, timing, {
      delivered: (item, notes, route) => {
        this.#backlog?.settle(item);
        this.#ledger.deliver(item.id, notes.length > 0);
        this.#notices.delivered(item, notes, route);
      },
      failed: (item, status, detail, rest) => {
        this.#backlog?.settle(item);
        this.#ledger.fail(item.id);
        if (item.kind === 'trace' && item.acknowledged === 0) this.#lostTraces.add(item.traceId);
        this.#lose(rest, 'trace_lost');
        this.#notices.failed(item, status, detail, rest.length);
      },
      handing: (items) => this.#backlog?.handOut(items),
      obstructed: (item, obstacle, route, isHold) => this.#notices.obstructed(item, obstacle, route, isHold),
    });
    const { spoolDir, maxSpoolBytes = defaultMaxSpoolBytes } = options;
    if (spoolDir !== undefined) {
      const spool = { ...options, spoolDir, maxSpoolBytes };
      this.#backlog = new Backlog(spool, this.#queue, this.#ledger, () => this.#turns.run());
    }
    this.#flushes = new Flushes(this.#ledger, timing, this.#backlog, () => soon(() => this.#turns.run()));
    this.#hosting = createHosting(options, maxBodyBytes, loadSender, {
      onReport: (report) => this.#take(report),
      onDelivered: (ids) => this.#delivered(ids),
      onLost: (wasUp) => {
        this.#drain.lost(wasUp);
        this.#turns.run();
      },
      onNoThread: () => !this.#isClosed && this.#asking.soon(),
    });
    this.#turns = new Turns({
      queue: this.#queue,
      drain: this.#drain,
      hosting: this.#hosting,
      flushes: this.#flushes,
      ledger: this.#ledger,
      backlog: this.#backlog,
    });
  }

  trace(record: FoldedTrace): void {
    this.#lostTraces.delete(record.traceId);
    this.#record('trace', record.traceId, () => encodeTrace(record, this.#limits));
  }

  lateSpans(record: FoldedLateSpans): void {
    if (record.spans.length === 0) return;
    this.#record('spans', record.traceId, () => encodeLateSpans(record, this.#limits));
  }

  score(record: ScoreRecord): void {
    this.#record('score', record.traceId, () => [encodeScore(record)]);
  }

  async flush(options?: FlushOptions): Promise<FlushResult> {
    const { isOk } = await this.#flush(options?.timeoutMs ?? defaultFlushMs);
    return this.#ledger.result(isOk);
  }

  shutdown(options?: FlushOptions): Promise<FlushResult> {
    this.#shutdown ??= this.#close(options?.timeoutMs ?? defaultFlushMs);
    return this.#shutdown;
  }

  exit(timeoutMs: number): void {
    const startedAt = performance.now();
    if (this.#ledger.pending > 0) this.#turns.runToEnd(timeoutMs);
    const { canWait } = this.#hosting;
    const remains = this.#remains;
    // Later 'exit' listeners of the application may record, too; what is on disk then would be nobody's.
    const lost = this.#end('exit', this.isReadyForExit && this.#backlog === undefined);
    this.#exitLeftMs = Math.max(0, timeoutMs - (performance.now() - startedAt));
    this.#notices.exited(lost, canWait ? Math.round(timeoutMs) : undefined, this.#ledger.pending, remains);
  }

  get isReadyForExit(): boolean {
    return this.#hosting.isThread;
  }

  stats(): DeliveryStats {
    this.#hosting.collect();
    return this.#ledger.stats(this.#queue.bytes);
  }

  #record(kind: ItemKind, traceId: string, encode: () => string[]): void {
    const id = this.#ledger.create();
    const isOrphan = kind !== 'trace' && this.#lostTraces.has(traceId);
    if (this.#isClosed || isOrphan) {
      this.#ledger.drop(id, isOrphan ? 'trace_lost' : 'shutdown');
      if (isOrphan) this.#notices.orphaned(kind, traceId);
      else if (this.#exitLeftMs !== undefined) this.#notices.tooLate();
      else this.#notices.closed(kind, traceId);
      return;
    }
    let bodies: readonly string[];
    let item: Item;
    try {
      // On disk there is JSON, for whatever version of this package reads it.
      bodies = this.#backlog === undefined ? encode() : encode().map((body) => unfold(body as FoldedText));
      item = this.#queue.create(id, kind, traceId, bodies);
    } catch (error) {
      this.#ledger.fail(id);
      this.#notices.unencodable(kind, traceId, error);
      return;
    }
    if (!this.#queue.hasRoomFor(item)) this.#hosting.collect(); // there may be more room than is known
    if (this.#backlog?.keep(item, bodies) === true) this.#queue.discard(item);
    else this.#queue.push(item);
    if (this.#exitLeftMs !== undefined) {
      this.exit(this.#exitLeftMs);
      return;
    }
    this.#asking.note(this.#hosting.isStandIn);
    if (!this.#isWarm) this.#warmUp();
  }

  /** The thread gets ready while the application goes on: later, `exit` need not wait for it. */
  #warmUp(): void {
    this.#isWarm = true;
    this.#turns.start();
    if (this.#hosting.isThread) soon(() => !this.#isClosed && this.#hosting.get());
  }

  #take(report: Report): void {
    if (report.maxBodyBytes < this.#limits.maxBytes) this.#limits = { ...this.#limits, maxBytes: report.maxBodyBytes };
    for (const line of report.requests ?? []) this.#log.debug(line);
    this.#drain.take(performance.now(), report);
    this.#backlog?.note();
    this.#turns.run();
  }

  #delivered(ids: readonly number[]): void {
    this.#drain.delivered(ids);
    this.#backlog?.note();
  }

  #flush(timeoutMs: number): Promise<Flushed> {
    if (!this.#isClosed) this.#backlog?.look(); // what other processes have left is part of it
    return this.#flushes.start(timeoutMs, () => {
      this.#pace.hurry(performance.now(), this.#timing.nudgeMs, this.#timing.flushTryMs);
      this.#asking.now();
    });
  }

  async #close(timeoutMs: number): Promise<FlushResult> {
    const deadline = performance.now() + timeoutMs;
    let isOk = false;
    let isSettled = true;
    // Again while the application goes on recording: its last traces end during the flush.
    do {
      ({ isOk, isSettled } = await this.#flush(deadline - performance.now()));
    } while (isSettled && this.#ledger.pending > 0 && performance.now() < deadline);
    const remains = this.#remains;
    const lost = this.#end('shutdown');
    this.#notices.shutDown(lost, this.#ledger.pending, remains);
    return this.#ledger.result(isOk && lost === 0);
  }

  get #remains(): Remains {
    return this.#drain.away > 0 ? 'unanswered' : 'unsent';
  }

  /**
   * Takes nothing more, and gives up what is pending but not on disk; returns how many that were. What is on disk
   * stays pending, and its bodies are let go of.
   * @param isOpen - takes more nevertheless
   */
  #end(reason: string, isOpen = false): number {
    this.#isClosed ||= !isOpen;
    this.#asking.stop();
    this.#turns.stop();
    this.#hosting.collect();
    if (this.#isClosed) this.#hosting.close();
    let lost = 0;
    for (const group of this.#queue.groups()) {
      const isQuota = this.#pace.holdOf(routeOf(group.items[0] as Item)) === 'quota'; // a group has an item
      const items = this.#queue.abandon(group).filter((item) => this.#backlog?.has(item) !== true);
      lost += items.length;
      this.#lose(items, isQuota ? 'quota' : reason);
    }
    this.#flushes.endAll(); // before what is unread is another process's
    this.#backlog?.close();
    return lost;
  }

  /** Every item that is lost on purpose comes through here. One that only memory has no room for may still be on disk. */
  #lose(items: readonly Item[], reason: string): void {
    for (const item of items) {
      if (item.kind === 'trace' && item.acknowledged === 0) this.#lostTraces.add(item.traceId);
      if (reason === 'too_large' || reason === 'trace_lost') this.#backlog?.settle(item);
      this.#ledger.drop(item.id, reason);
    }
  }
}
