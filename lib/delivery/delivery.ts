import type { Log } from '../common/log.js';
import { performance, soon } from '../common/real-time.js';
import type { FoldedLateSpans, FoldedTrace, ScoreRecord } from '../model/records.js';
import type { FlushOptions, FlushResult } from '../model/sink.js';
import {
  type Delivery,
  type DeliveryOptions,
  defaultFlushMs,
  defaultMaxBodyBytes,
  defaultMaxSpoolBytes,
} from './options.js';
import { pandaProbeEncoder as encoder } from './pandaprobe/encoder.js';
import type { Item, ItemKind } from './queue/item.js';
import { Queue } from './queue/queue.js';
import { Diagnostics } from './report/diagnostics.js';
import { LostTraces } from './report/lost-traces.js';
import type { Remains } from './report/reasons.js';
import { type DeliveryStats, Stats } from './report/stats.js';
import { BatchTrigger } from './schedule/batch-trigger.js';
import { Dispatcher } from './schedule/dispatcher.js';
import { DeliveryLoop } from './schedule/loop.js';
import { Pace } from './schedule/pace.js';
import { type Flushed, PendingFlushes } from './schedule/pending-flushes.js';
import { defaultTiming, type Timing } from './schedule/timing.js';
import { SpooledQueue } from './spool/spooled-queue.js';
import { maxInFlight, type Report } from './wire/messages.js';
import { createSupervisor } from './worker/create-supervisor.js';
import type { Supervisor } from './worker/supervisor.js';

export type { Delivery, DeliveryOptions } from './options.js';
export type { Loss } from './report/diagnostics.js';

/** For a worker on this thread. The build makes it a file of its own: axios takes over 100 ms to load. */
const loadSender = async () => (await import('./start-sender.js')).startSender;

/** Makes a delivery. It registers no process listeners: call `exit` from yours. */
export function createDelivery(options: DeliveryOptions): Delivery {
  return new QueuedDelivery(options);
}

class QueuedDelivery implements Delivery {
  readonly #stats = new Stats();
  readonly #lostTraces = new LostTraces();
  readonly #queue: Queue;
  readonly #pace: Pace;
  readonly #dispatcher: Dispatcher;
  readonly #supervisor: Supervisor;
  readonly #diagnostics: Diagnostics;
  readonly #timing: Timing;
  readonly #log: Log;
  readonly #flushes: PendingFlushes;
  readonly #spooled: SpooledQueue | undefined;
  readonly #batchTrigger: BatchTrigger;
  readonly #loop: DeliveryLoop;
  /** Most bytes of a body; becomes less when the backend says so. */
  #maxBodyBytes: number;
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
    this.#maxBodyBytes = maxBodyBytes;
    this.#batchTrigger = new BatchTrigger(options, () => {
      this.#queue.release();
      this.#loop.tick();
    });
    this.#diagnostics = new Diagnostics(options, timing.faultLogMs, () => this.#stats.pending);
    this.#pace = new Pace(timing, maxInFlight);
    this.#queue = new Queue(
      { maxItems: options.maxQueueSize, maxBytes: options.maxQueueBytes },
      encoder,
      (items, reason) => {
        this.#lose(items, reason);
        this.#diagnostics.evicted(reason);
      },
    );
    this.#dispatcher = new Dispatcher(this.#queue, encoder, this.#pace, timing, {
      delivered: (item, notes, route) => {
        this.#spooled?.settle(item);
        this.#stats.deliver(item.id, notes.length > 0);
        this.#diagnostics.delivered(item, notes, route);
      },
      failed: (item, status, detail, rest) => {
        this.#spooled?.settle(item);
        this.#stats.fail(item.id);
        if (item.kind === 'trace' && item.acknowledged === 0) this.#lostTraces.add(item.traceId);
        this.#lose(rest, 'trace_lost');
        this.#diagnostics.failed(item, status, detail, rest.length);
      },
      handing: (items) => this.#spooled?.markInFlight(items),
      obstructed: (item, obstacle, route, isHold) => this.#diagnostics.obstructed(item, obstacle, route, isHold),
    });
    const { spoolDir, maxSpoolBytes = defaultMaxSpoolBytes } = options;
    if (spoolDir !== undefined) {
      const spool = { ...options, spoolDir, maxSpoolBytes };
      this.#spooled = new SpooledQueue(spool, this.#queue, encoder, this.#stats, () => this.#loop.tick());
    }
    this.#flushes = new PendingFlushes(this.#stats, timing, this.#spooled, () => soon(() => this.#loop.tick()));
    this.#supervisor = createSupervisor(options, maxBodyBytes, loadSender, {
      onReport: (report) => this.#take(report),
      onDelivered: (ids) => this.#delivered(ids),
      onLost: (wasUp) => {
        this.#dispatcher.onWorkerLost(wasUp);
        this.#loop.tick();
      },
      onNoThread: () => !this.#isClosed && this.#batchTrigger.fireSoon(),
    });
    this.#loop = new DeliveryLoop({
      queue: this.#queue,
      dispatcher: this.#dispatcher,
      supervisor: this.#supervisor,
      flushes: this.#flushes,
      stats: this.#stats,
      spooled: this.#spooled,
    });
  }

  trace(record: FoldedTrace): void {
    this.#lostTraces.delete(record.traceId);
    this.#record('trace', record.traceId, () => encoder.trace(record, this.#maxBodyBytes));
  }

  lateSpans(record: FoldedLateSpans): void {
    if (record.spans.length === 0) return;
    this.#record('spans', record.traceId, () => encoder.lateSpans(record, this.#maxBodyBytes));
  }

  score(record: ScoreRecord): void {
    this.#record('score', record.traceId, () => encoder.score(record));
  }

  async flush(options?: FlushOptions): Promise<FlushResult> {
    const { isOk } = await this.#flush(options?.timeoutMs ?? defaultFlushMs);
    return this.#stats.result(isOk);
  }

  shutdown(options?: FlushOptions): Promise<FlushResult> {
    this.#shutdown ??= this.#close(options?.timeoutMs ?? defaultFlushMs);
    return this.#shutdown;
  }

  exit(timeoutMs: number): void {
    const startedAt = performance.now();
    if (this.#stats.pending > 0) this.#loop.runUntilExit(timeoutMs);
    const { canWait } = this.#supervisor;
    const remains = this.#remains;
    // Later 'exit' listeners of the application may record, too; what is on disk then would be nobody's.
    const lost = this.#end('exit', this.isReadyForExit && this.#spooled === undefined);
    this.#exitLeftMs = Math.max(0, timeoutMs - (performance.now() - startedAt));
    this.#diagnostics.exited(lost, canWait ? Math.round(timeoutMs) : undefined, this.#stats.pending, remains);
  }

  get isReadyForExit(): boolean {
    return this.#supervisor.isThread;
  }

  stats(): DeliveryStats {
    this.#supervisor.drainAcks();
    return this.#stats.stats(this.#queue.bytes);
  }

  #record(kind: ItemKind, traceId: string, encode: () => readonly string[]): void {
    const id = this.#stats.create();
    const isOrphan = kind !== 'trace' && this.#lostTraces.has(traceId);
    if (this.#isClosed || isOrphan) {
      this.#stats.drop(id, isOrphan ? 'trace_lost' : 'shutdown');
      if (isOrphan) this.#diagnostics.orphaned(kind, traceId);
      else if (this.#exitLeftMs !== undefined) this.#diagnostics.tooLate();
      else this.#diagnostics.closed(kind, traceId);
      return;
    }
    let bodies: readonly string[];
    let item: Item;
    try {
      // On disk there is JSON, for whatever version of this package reads it.
      bodies = this.#spooled === undefined ? encode() : encode().map(encoder.toDisk);
      item = this.#queue.create(id, kind, traceId, bodies);
    } catch (error) {
      this.#stats.fail(id);
      this.#diagnostics.unencodable(kind, traceId, error);
      return;
    }
    if (!this.#queue.hasRoomFor(item)) this.#supervisor.drainAcks(); // there may be more room than is known
    if (this.#spooled?.keep(item, bodies) === true) this.#queue.discard(item);
    else this.#queue.push(item);
    if (this.#exitLeftMs !== undefined) {
      this.exit(this.#exitLeftMs);
      return;
    }
    this.#batchTrigger.onRecorded(this.#supervisor.isFallback);
    if (!this.#isWarm) this.#warmUp();
  }

  /** The thread gets ready while the application goes on: later, `exit` need not wait for it. */
  #warmUp(): void {
    this.#isWarm = true;
    this.#loop.start();
    if (this.#supervisor.isThread) soon(() => !this.#isClosed && this.#supervisor.start());
  }

  #take(report: Report): void {
    this.#maxBodyBytes = Math.min(this.#maxBodyBytes, report.maxBodyBytes);
    for (const line of report.requests ?? []) this.#log.debug(line);
    this.#dispatcher.onReport(performance.now(), report);
    this.#spooled?.flushJournal();
    this.#loop.tick();
  }

  #delivered(ids: readonly number[]): void {
    this.#dispatcher.onDelivered(ids);
    this.#spooled?.flushJournal();
  }

  #flush(timeoutMs: number): Promise<Flushed> {
    if (!this.#isClosed) this.#spooled?.look(); // what other processes have left is part of it
    return this.#flushes.start(timeoutMs, () => {
      this.#pace.hurry(performance.now(), this.#timing.nudgeMs, this.#timing.flushTryMs);
      this.#batchTrigger.fire();
    });
  }

  async #close(timeoutMs: number): Promise<FlushResult> {
    const deadline = performance.now() + timeoutMs;
    let isOk = false;
    let isSettled = true;
    // Again while the application goes on recording: its last traces end during the flush.
    do {
      ({ isOk, isSettled } = await this.#flush(deadline - performance.now()));
    } while (isSettled && this.#stats.pending > 0 && performance.now() < deadline);
    const remains = this.#remains;
    const lost = this.#end('shutdown');
    this.#diagnostics.shutDown(lost, this.#stats.pending, remains);
    return this.#stats.result(isOk && lost === 0);
  }

  get #remains(): Remains {
    return this.#dispatcher.inFlight > 0 ? 'unanswered' : 'unsent';
  }

  /**
   * Takes nothing more, and gives up what is pending but not on disk; returns how many that were. What is on disk
   * stays pending, and its bodies are let go of.
   * @param isOpen - takes more nevertheless
   */
  #end(reason: string, isOpen = false): number {
    this.#isClosed ||= !isOpen;
    this.#batchTrigger.stop();
    this.#loop.stop();
    this.#supervisor.drainAcks();
    if (this.#isClosed) this.#supervisor.close();
    let lost = 0;
    for (const group of this.#queue.groups()) {
      const isQuota = this.#pace.holdOf(encoder.routeOf(group.items[0] as Item)) === 'quota'; // a group has an item
      const items = this.#queue.abandon(group).filter((item) => this.#spooled?.isOnDisk(item) !== true);
      lost += items.length;
      this.#lose(items, isQuota ? 'quota' : reason);
    }
    this.#flushes.endAll(); // before what is unread is another process's
    this.#spooled?.close();
    return lost;
  }

  /** Every item that is lost on purpose comes through here. One that only memory has no room for may still be on disk. */
  #lose(items: readonly Item[], reason: string): void {
    for (const item of items) {
      if (item.kind === 'trace' && item.acknowledged === 0) this.#lostTraces.add(item.traceId);
      if (reason === 'too_large' || reason === 'trace_lost') this.#spooled?.settle(item);
      this.#stats.drop(item.id, reason);
    }
  }
}
