import { performance, soon } from '../common/real-time.js';
import type { CapturedLateSpans, CapturedTrace, ScoreRecord } from '../model/records.js';
import { defaultFlushMs, type FlushOptions, type FlushResult } from '../model/sink.js';
import { type Delivery, type DeliveryOptions, defaultMaxBodyBytes, defaultMaxSpoolBytes } from './options.js';
import { otlpEncoder } from './otlp/encoder.js';
import { Pace } from './pace/pace.js';
import { defaultTiming, type Timing } from './pace/timing.js';
import { pandaProbeEncoder } from './pandaprobe/encoder.js';
import type { Item, ItemKind } from './queue/item.js';
import { Queue } from './queue/queue.js';
import { Diagnostics } from './report/diagnostics.js';
import type { Remains } from './report/reasons.js';
import { RecentTraces } from './report/recent-traces.js';
import { type DeliveryStats, Stats } from './report/stats.js';
import { BatchTrigger } from './schedule/batch-trigger.js';
import { Dispatcher } from './schedule/dispatcher.js';
import { DeliveryLoop } from './schedule/loop.js';
import { type Flushed, PendingFlushes } from './schedule/pending-flushes.js';
import { Postponed } from './schedule/postponed.js';
import { RemoteItems } from './schedule/remote-items.js';
import { Updates } from './schedule/updates.js';
import { SpooledQueue } from './spool/spooled-queue.js';
import { maxInFlight, type Report } from './wire/messages.js';
import type { Encoder } from './wire/protocol.js';
import type { UpdateOutcome } from './wire/update-outcome.js';
import { createSupervisor } from './worker/create-supervisor.js';
import type { Supervisor } from './worker/supervisor.js';

export type { Delivery, DeliveryOptions } from './options.js';
export type { Loss } from './report/diagnostics.js';

/** Loads the sender for a worker inline. It is a file of its own in the build, because axios takes over 100 ms to load. */
const loadSender = async () => (await import('./start-sender.js')).startSender;

/** Makes a delivery. It has no process listeners: call `exit` in the process's `exit` event. */
export function createDelivery(options: DeliveryOptions): Delivery {
  return new QueuedDelivery(options);
}

/**
 * Puts the parts of delivery together.
 *
 * ```
 *  main thread                                                      ┊ worker: a thread, or inline
 *                                                                   ┊
 *  record ──Encoder──> Queue ──released──> Dispatcher ──── jobs ────┊──> Sender ──Exchange──> Transport ──> backend
 *              │       ^   ^                │   ^                   ┊       │
 *              │       │   └─── to retry ───┘   └── acks, reports <─┊───────┘
 *              └─> Spool (disk)                                     ┊
 * ```
 * - when: `BatchTrigger` releases recorded items, `DeliveryLoop` drives the dispatcher, `Pace` and `Retries` decide what may be sent;
 * - where: `Supervisor` starts the worker, and replaces it when it dies;
 * - the outcome: `Stats` count, `Diagnostics` log and call `onLoss`, `PendingFlushes` resolve flushes.
 */
class QueuedDelivery implements Delivery {
  readonly #stats = new Stats();
  /** Their late spans and scores are dropped, because they would wait for a trace that never comes. Made by the first loss. */
  #lostTraces: RecentTraces | undefined;
  readonly #encoder: Encoder;
  readonly #queue: Queue;
  readonly #pace: Pace;
  readonly #dispatcher: Dispatcher;
  /** Made by the first spans whose trace another process has not sent yet. */
  #remote: RemoteItems | undefined;
  readonly #supervisor: Supervisor;
  /** Made by the first fault, loss or repair. */
  #diagnostics: Diagnostics | undefined;
  readonly #timing: Timing;
  readonly #options: DeliveryOptions;
  readonly #flushes: PendingFlushes;
  readonly #spooled: SpooledQueue | undefined;
  readonly #batchTrigger: BatchTrigger;
  /** Made by the first large record. */
  #postponed: Postponed | undefined;
  readonly #loop: DeliveryLoop;
  /** Made by the first update. */
  #updates: Updates | undefined;
  /** Most bytes of a body; becomes less when the backend says so. */
  #maxBodyBytes: number;
  #isWarm = false;
  #isClosed = false;
  #isLimited = false;
  /** Set when the process ends: how much longer it may be held, in milliseconds. */
  #exitLeftMs: number | undefined;
  #shutdown: Promise<FlushResult> | undefined;

  constructor(options: DeliveryOptions) {
    const timing = { ...defaultTiming, ...options.timing };
    const maxBodyBytes = options.maxBodyBytes ?? defaultMaxBodyBytes;
    this.#encoder = options.otlp === undefined ? pandaProbeEncoder : otlpEncoder;
    this.#timing = timing;
    this.#options = options;
    this.#maxBodyBytes = maxBodyBytes;
    this.#batchTrigger = new BatchTrigger(options, () => {
      this.#postponed?.run();
      this.#queue.release();
      this.#loop.tick();
    });
    this.#pace = new Pace(timing, maxInFlight);
    this.#queue = new Queue(
      { maxItems: options.maxQueueSize, maxBytes: options.maxQueueBytes },
      this.#encoder,
      (items, reason) => {
        this.#lose(items, reason);
        if (items.some(({ isUpdate }) => !isUpdate)) this.#diagnose.evicted(reason);
      },
      (item) => {
        this.#spooled?.settle(item);
        this.#stats.replace(item.id);
        this.#updates?.replaced(item);
      },
    );
    this.#dispatcher = new Dispatcher(this.#queue, this.#encoder, this.#pace, timing, {
      delivered: (item, notes, route) => {
        this.#spooled?.settle(item);
        this.#stats.deliver(item.id, notes.length > 0);
        this.#diagnostics?.delivered(route);
        if (notes.length > 0 && !item.isUpdate) this.#diagnose.repaired(item, notes);
        if (item.kind === 'trace') this.#remote?.hurry(performance.now(), item.traceId);
        if (item.isUpdate) this.#updates?.settle(item, 'stored');
      },
      failed: (item, status, detail, rest) => {
        this.#spooled?.settle(item);
        this.#stats.fail(item.id);
        if (item.isUpdate) {
          options.log.debug(`gave up an update of the trace ${item.traceId}: ${detail}`);
          this.#updates?.settle(item, 'refused');
          return;
        }
        if (item.kind === 'trace' && item.acknowledged === 0) this.#rememberLost(item.traceId);
        this.#lose(rest, 'trace_lost');
        this.#diagnose.failed(item, status, detail, rest.length);
      },
      handing: (items) => this.#spooled?.markInFlight(items),
      remoteAbsent: (group) => {
        this.#remote ??= this.#createRemoteItems(options);
        this.#remote.add(group, performance.now());
      },
      obstructed: (item, obstacle, route, isHold) => {
        this.#isLimited ||= obstacle.cause === 'rate' || obstacle.cause === 'quota';
        this.#diagnose.obstructed(item, obstacle, route, isHold);
      },
    });
    const { spoolDir, maxSpoolBytes = defaultMaxSpoolBytes } = options;
    if (spoolDir !== undefined) {
      const spool = { ...options, spoolDir, maxSpoolBytes };
      this.#spooled = new SpooledQueue(spool, this.#queue, this.#encoder, this.#stats, () => this.#loop.tick());
    }
    this.#flushes = new PendingFlushes(this.#stats, timing, this.#spooled, () => soon(() => this.#loop.tick()));
    this.#supervisor = createSupervisor(options, maxBodyBytes, loadSender, {
      onReport: (report) => this.#onReport(report),
      onDelivered: (ids) => this.#onDelivered(ids),
      onLost: (wasUp) => {
        this.#dispatcher.onWorkerLost(wasUp);
        this.#loop.tick();
      },
      onNoThread: () => !this.#isClosed && this.#batchTrigger.stopBatching(),
    });
    this.#loop = new DeliveryLoop({
      queue: this.#queue,
      dispatcher: this.#dispatcher,
      remote: () => this.#remote,
      supervisor: this.#supervisor,
      flushes: this.#flushes,
      stats: this.#stats,
      spooled: this.#spooled,
    });
  }

  trace(record: CapturedTrace): void {
    this.#lostTraces?.delete(record.traceId);
    this.#record('trace', record.traceId, () => this.#encoder.trace(record, this.#maxBodyBytes));
    if (this.#updates?.ended(record.traceId) === true && !this.#isClosed) this.#batchTrigger.fireSoon(); // who watches a run sees its end at once, too
  }

  lateSpans(record: CapturedLateSpans): void {
    if (record.spans.length === 0) return;
    this.#record('spans', record.traceId, () => this.#encoder.lateSpans(record, this.#maxBodyBytes), record.isRemote);
  }

  score(record: ScoreRecord): void {
    const encode = this.#encoder.score;
    if (encode === undefined) {
      this.#stats.drop(this.#stats.create(), 'no_scores');
      this.#diagnose.noScores();
      return;
    }
    this.#record('score', record.traceId, () => encode(record));
  }

  update(record: CapturedTrace | CapturedLateSpans, onSettled: (outcome: UpdateOutcome) => void): void {
    this.#postponed?.run();
    if (this.#isClosed) return;
    this.#updates ??= new Updates({
      stats: this.#stats,
      encoder: this.#encoder,
      queue: this.#queue,
      spooled: this.#spooled,
    });
    if (!this.#updates.add(record, this.#maxBodyBytes, onSettled)) return;
    this.#batchTrigger.fireSoon();
    this.warmUp();
  }

  settleUpdates(): void {
    this.#supervisor.drainAcks();
  }

  get isLimited(): boolean {
    return this.#isLimited;
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
    this.#postponed?.run();
    if (this.#stats.pending > 0) this.#loop.runUntilExit(timeoutMs);
    const { canWait } = this.#supervisor;
    const remains = this.#remains;
    // Later 'exit' listeners of the application may record, too. With a spool that is over, because its folder is released.
    const lost = this.#end('exit', this.isReadyForExit && this.#spooled === undefined);
    this.#exitLeftMs = Math.max(0, timeoutMs - (performance.now() - startedAt));
    this.#diagnose.exited(lost, canWait ? Math.round(timeoutMs) : undefined, this.#stats.pending, remains);
  }

  get isReadyForExit(): boolean {
    return this.#supervisor.isThread;
  }

  stats(): DeliveryStats {
    this.#postponed?.run();
    this.#supervisor.drainAcks();
    return this.#stats.stats(this.#queue.bytes + (this.#remote?.bytes ?? 0));
  }

  #record(kind: ItemKind, traceId: string, encode: () => readonly string[], isRemote = false): void {
    const id = this.#stats.create();
    const isOrphan = kind !== 'trace' && this.#lostTraces?.has(traceId) === true;
    if (this.#isClosed || isOrphan) {
      this.#stats.drop(id, isOrphan ? 'trace_lost' : 'shutdown');
      if (isOrphan) this.#diagnose.orphaned(kind, traceId);
      else if (this.#exitLeftMs !== undefined) this.#diagnose.tooLate();
      else this.#diagnose.closed(kind, traceId);
      return;
    }
    let bodies: readonly string[];
    try {
      bodies = this.#spooled === undefined ? encode() : encode().map(this.#encoder.toDisk);
    } catch (error) {
      this.#stats.fail(id);
      this.#diagnose.unencodable(kind, traceId, error);
      return;
    }
    this.#postponed?.run();
    // On disk a record is safe before the call returns.
    if (isLarge(bodies) && this.#spooled === undefined && this.#exitLeftMs === undefined)
      this.#postpone(() => this.#enqueue(id, kind, traceId, bodies, isRemote));
    else this.#enqueue(id, kind, traceId, bodies, isRemote);
  }

  #postpone(finish: () => void): void {
    this.#postponed ??= new Postponed();
    this.#postponed.set(finish);
  }

  #enqueue(id: number, kind: ItemKind, traceId: string, bodies: readonly string[], isRemote: boolean): void {
    let item: Item;
    try {
      item = this.#queue.create(id, kind, traceId, bodies);
      item.isRemote = isRemote;
      item.isUncertain = kind === 'spans' && !isRemote && this.#updates?.wasOpen(traceId) === true;
    } catch (error) {
      this.#stats.fail(id);
      this.#diagnose.unencodable(kind, traceId, error);
      return;
    }
    if (!this.#queue.hasRoomFor(item)) this.#supervisor.drainAcks(); // acknowledgements make room
    if (this.#spooled?.keep(item, bodies) === true) this.#queue.discard(item);
    else if (this.#remote?.join(item) !== true) this.#queue.push(item);
    if (this.#exitLeftMs !== undefined) {
      this.exit(this.#exitLeftMs);
      return;
    }
    this.#batchTrigger.onRecorded();
    this.warmUp();
  }

  /** Starts the thread early, while the application goes on, so that `exit` need not wait for its start. */
  warmUp(): void {
    if (this.#isWarm) return;
    this.#isWarm = true;
    this.#loop.start();
    if (this.#supervisor.isThread) soon(() => !this.#isClosed && this.#supervisor.start());
  }

  #onReport(report: Report): void {
    this.#maxBodyBytes = Math.min(this.#maxBodyBytes, report.maxBodyBytes);
    for (const line of report.requests ?? []) this.#options.log.debug(line);
    this.#dispatcher.onReport(performance.now(), report);
    this.#spooled?.flushJournal();
    this.#loop.tick();
  }

  #onDelivered(ids: readonly number[]): void {
    this.#dispatcher.onDelivered(ids);
    this.#spooled?.flushJournal();
  }

  #flush(timeoutMs: number): Promise<Flushed> {
    this.#postponed?.run();
    if (!this.#isClosed) this.#spooled?.loadFromDisk(); // a flush waits for items of ended processes, too
    this.#remote?.hurry(performance.now());
    return this.#flushes.start(timeoutMs, () => {
      this.#pace.hurry(performance.now(), this.#timing.minFlushRetryMs, this.#timing.maxFlushRetryMs);
      this.#batchTrigger.fire();
    });
  }

  async #close(timeoutMs: number): Promise<FlushResult> {
    const deadline = performance.now() + timeoutMs;
    let isOk = false;
    let isFinal = true;
    // Repeated, because traces of the application may end during a flush.
    do {
      ({ isOk, isFinal } = await this.#flush(deadline - performance.now()));
    } while (isFinal && this.#stats.pending > 0 && performance.now() < deadline);
    const remains = this.#remains;
    const lost = this.#end('shutdown');
    this.#diagnose.shutDown(lost, this.#stats.pending, remains);
    return this.#stats.result(isOk && lost === 0);
  }

  get #remains(): Remains {
    return this.#dispatcher.inFlight > 0 ? 'unanswered' : 'unsent';
  }

  /**
   * Ends delivery: drops all pending items that are not on disk. Items on disk stay pending; only their memory is freed.
   * @returns the number of dropped items
   * @param isOpen - later records are still taken
   */
  #end(reason: string, isOpen = false): number {
    this.#postponed?.run();
    this.#isClosed ||= !isOpen;
    this.#batchTrigger.stop();
    this.#loop.stop();
    this.#supervisor.drainAcks();
    if (this.#isClosed) this.#supervisor.close();
    let lost = 0;
    for (const group of this.#queue.groups()) {
      const isQuota = this.#pace.holdOf(this.#encoder.routeOf(group.items[0] as Item)) === 'quota'; // a group has an item
      const items = this.#queue.abandon(group).filter((item) => this.#spooled?.isOnDisk(item) !== true);
      lost += items.filter(({ isUpdate }) => !isUpdate).length;
      this.#lose(items, isQuota ? 'quota' : reason);
    }
    const left = this.#remote?.end() ?? [];
    this.#lose(left, reason);
    this.#flushes.endAll(); // before the spool is released: unread items count for a flush
    this.#spooled?.close();
    return lost + left.length;
  }

  /** Counts dropped items. An item that memory has no room for may still be on disk. */
  #lose(items: readonly Item[], reason: string): void {
    for (const item of items) {
      if (item.isUpdate) {
        this.#spooled?.settle(item);
        this.#stats.drop(item.id, reason);
        this.#updates?.settle(item, 'left out');
        continue;
      }
      if (item.kind === 'trace' && item.acknowledged === 0) this.#rememberLost(item.traceId);
      if (reason === 'too_large' || reason === 'trace_lost') this.#spooled?.settle(item);
      this.#stats.drop(item.id, reason);
    }
  }

  get #diagnose(): Diagnostics {
    this.#diagnostics ??= new Diagnostics(this.#options, this.#timing.faultLogMs, () => this.#stats.pending);
    return this.#diagnostics;
  }

  #rememberLost(traceId: string): void {
    this.#lostTraces ??= new RecentTraces();
    this.#lostTraces.add(traceId);
  }

  #createRemoteItems(options: DeliveryOptions): RemoteItems {
    return new RemoteItems(this.#queue, this.#timing, options, {
      isLimited: () => this.#isLimited,
      isOnDisk: (item) => this.#spooled?.isOnDisk(item) === true,
      isExit: this.#loop.isExiting,
    });
  }
}

/** From here on texts are large, in UTF-16 units. V8 joins the pieces of a text and writes them in about 1 ms per MB. */
const largeUnits = 262_144;

/** Whether the texts of a record are large together. */
function isLarge(texts: readonly string[]): boolean {
  let units = 0;
  for (const text of texts) units += text.length;
  return units >= largeUnits;
}
