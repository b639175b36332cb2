import { performance, soon } from '../common/real-time.js';
import type { CapturedLateSpans, CapturedTrace, ScoreRecord } from '../model/records.js';
import { defaultFlushMs, type FlushOptions, type FlushResult } from '../model/sink.js';
import type { DeliveryOptions, EarlyDelivery } from './options.js';
import { otlpEncoder } from './otlp/encoder.js';
import { Pace } from './pace/pace.js';
import { defaultTiming, type Timing } from './pace/timing.js';
import { pandaProbeEncoder } from './pandaprobe/encoder.js';
import type { Item, ItemKind } from './queue/item.js';
import { Queue } from './queue/queue.js';
import { Diagnostics } from './report/diagnostics.js';
import { logDeleted, logTooLate } from './report/exit-lines.js';
import { type DeliveryStats, Stats } from './report/stats.js';
import { Dispatcher, type DispatcherEvents } from './schedule/dispatcher.js';
import { Ending } from './schedule/ending.js';
import { DeliveryLoop, type LoopParts } from './schedule/loop.js';
import { Losses } from './schedule/losses.js';
import { type Flushed, PendingFlushes } from './schedule/pending-flushes.js';
import { Postponed } from './schedule/postponed.js';
import { RemoteItems } from './schedule/remote-items.js';
import { Updates } from './schedule/updates.js';
import { SpooledQueue } from './spool/spooled-queue.js';
import { defaultMaxBodyBytes } from './wire/body-limit.js';
import { maxInFlight, type Report } from './wire/messages.js';
import type { Encoder } from './wire/protocol.js';
import type { UpdateOutcome } from './wire/update-outcome.js';
import { createSupervisor } from './worker/create-supervisor.js';
import type { Supervisor } from './worker/supervisor.js';

export type { Delivery, DeliveryOptions, EarlyDelivery } from './options.js';
export type { Loss } from './report/loss-reports.js';

/** Loads the sender for a worker inline. It is a file of its own in the build, because axios takes over 100 ms to load. */
const loadSender = async () => (await import('./start-sender.js')).startSender;

/** Makes a delivery. It has no process listeners: call `exit` in the process's `exit` event. */
export function createDelivery(options: DeliveryOptions): EarlyDelivery {
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
 * - when: `DeliveryLoop` releases recorded items and drives the dispatcher, `Pace` and `Retries` decide what may be sent;
 * - where: `Supervisor` starts the worker, and replaces it when it dies;
 * - the outcome: `Stats` count, `Diagnostics` log and call `onLoss`, `PendingFlushes` resolve flushes.
 */
class QueuedDelivery implements EarlyDelivery {
  readonly #stats = new Stats();
  /** Made by the first loss. */
  #madeLosses: Losses | undefined;
  readonly #encoder: Encoder;
  readonly #queue: Queue;
  readonly #pace: Pace;
  readonly #dispatcher: Dispatcher;
  /** Made by the first spans whose trace another process has not sent yet. */
  #remote: RemoteItems | undefined;
  readonly #supervisor: Supervisor;
  /** Made by the first fault, loss or repair. */
  #madeDiagnostics: Diagnostics | undefined;
  readonly #timing: Timing;
  readonly #options: DeliveryOptions;
  readonly #flushes: PendingFlushes;
  readonly #spooled: SpooledQueue | undefined;
  /** Made by the first large record. */
  #postponed: Postponed | undefined;
  readonly #loop: DeliveryLoop;
  readonly #ending: Ending;
  /** Made by the first update, or the first part of an open trace. */
  #updates: Updates | undefined;
  /** Most bytes of a body; becomes less when the backend says so. */
  #maxBodyBytes: number;
  #isWarm = false;
  #isLimited = false;
  #shutdown: Promise<FlushResult> | undefined;

  constructor(options: DeliveryOptions) {
    const timing = { ...defaultTiming, ...options.timing };
    const maxBodyBytes = options.maxBodyBytes ?? defaultMaxBodyBytes;
    this.#encoder = options.otlp === undefined ? pandaProbeEncoder : otlpEncoder;
    this.#timing = timing;
    this.#options = options;
    this.#maxBodyBytes = maxBodyBytes;
    this.#pace = new Pace(timing, maxInFlight);
    const bounds = { maxItems: options.maxQueueSize, maxBytes: options.maxQueueBytes };
    this.#queue = new Queue(
      bounds,
      this.#encoder,
      (items, reason) => this.#losses.evicted(items, reason),
      (item) => this.#onReplaced(item),
    );
    this.#dispatcher = new Dispatcher(this.#queue, this.#encoder, this.#pace, timing, this.#dispatcherEvents());
    const { spoolDir } = options;
    if (spoolDir !== undefined) {
      const spool = { ...options, spoolDir };
      this.#spooled = new SpooledQueue(spool, this.#queue, this.#encoder, this.#stats, {
        onWork: () => this.#loop.tick(),
        onDropped: (items) => logDeleted(this.#diagnostics, items),
      });
    }
    this.#flushes = new PendingFlushes(this.#stats, timing, this.#spooled, () => soon(() => this.#loop.tick()));
    this.#supervisor = createSupervisor(options, maxBodyBytes, loadSender, {
      onReport: (report) => this.#onReport(report),
      onDelivered: (ids) => this.#onDelivered(ids),
      onLost: (wasUp) => {
        this.#dispatcher.onWorkerLost(wasUp);
        this.#loop.tick();
      },
      onNoThread: () => !this.#ending.isClosed && this.#loop.stopBatching(),
    });
    const parts: LoopParts = {
      queue: this.#queue,
      dispatcher: this.#dispatcher,
      remote: () => this.#remote,
      supervisor: this.#supervisor,
      flushes: this.#flushes,
      stats: this.#stats,
      spooled: this.#spooled,
      finishPostponed: () => this.#postponed?.run(),
    };
    this.#loop = new DeliveryLoop(parts, options);
    this.#ending = new Ending({
      ...parts,
      loop: this.#loop,
      pace: this.#pace,
      rules: this.#encoder,
      losses: () => this.#losses,
      diagnostics: () => this.#diagnostics,
      flush: (timeoutMs) => this.#flush(timeoutMs),
    });
  }

  trace(record: CapturedTrace): void {
    this.#madeLosses?.forget(record.traceId);
    this.#record('trace', record.traceId, () => this.#encoder.trace(record, this.#maxBodyBytes));
    if (this.#updates?.ended(record.traceId) === true && !this.#ending.isClosed) this.#loop.releaseSoon(); // a run that is watched must show its end at once
  }

  part(record: CapturedTrace): void {
    if (this.#options.otlp !== undefined) {
      this.lateSpans(record); // in OTLP the trace is its root span, which is sent once, when it has ended
      return;
    }
    if (!this.#ending.isClosed) this.#openTraces.began(record.traceId);
    this.#record('trace', record.traceId, () => this.#encoder.trace(record, this.#maxBodyBytes));
  }

  lateSpans(record: CapturedLateSpans): void {
    if (record.spans.length === 0) return;
    this.#record('spans', record.traceId, () => this.#encoder.lateSpans(record, this.#maxBodyBytes), record.isRemote);
  }

  score(record: ScoreRecord): void {
    const encode = this.#encoder.score;
    if (encode === undefined) {
      this.#stats.drop(this.#stats.create(), 'no_scores');
      this.#diagnostics.noScores();
      return;
    }
    this.#record('score', record.traceId, () => encode(record));
  }

  update(record: CapturedTrace | CapturedLateSpans, onSettled: (outcome: UpdateOutcome) => void): void {
    this.#postponed?.run();
    if (this.#ending.isClosed) {
      onSettled('left out');
      return;
    }
    if (!this.#openTraces.add(record, this.#maxBodyBytes, onSettled)) return;
    this.#loop.releaseSoon();
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
    this.#shutdown ??= this.#ending.shutdown(options?.timeoutMs ?? defaultFlushMs);
    return this.#shutdown;
  }

  exit(timeoutMs: number): void {
    this.#ending.exit(timeoutMs);
  }

  get isReadyForExit(): boolean {
    return this.#supervisor.isReadyForExit;
  }

  stats(): DeliveryStats {
    this.#postponed?.run();
    this.#supervisor.drainAcks();
    return this.#stats.stats(this.#queue.bytes + (this.#remote?.bytes ?? 0));
  }

  #record(kind: ItemKind, traceId: string, encode: () => readonly string[], isRemote = false): void {
    const id = this.#stats.create();
    const isLost = kind !== 'trace' && this.#madeLosses?.has(traceId) === true;
    if (this.#ending.isClosed || isLost) {
      this.#stats.drop(id, isLost ? 'trace_lost' : 'shutdown');
      if (isLost) this.#diagnostics.traceLost(kind, traceId);
      else if (this.#ending.exitLeftMs !== undefined) logTooLate(this.#diagnostics);
      else this.#diagnostics.closed(kind, traceId);
      return;
    }
    let bodies: readonly string[];
    try {
      bodies = this.#spooled === undefined ? encode() : encode().map(this.#encoder.toDisk);
    } catch (error) {
      this.#stats.fail(id);
      this.#diagnostics.unencodable(kind, traceId, error);
      return;
    }
    this.#postponed?.run();
    // On disk a record is safe before the call returns.
    if (isLarge(bodies) && this.#spooled === undefined && this.#ending.exitLeftMs === undefined)
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
      this.#diagnostics.unencodable(kind, traceId, error);
      return;
    }
    if (!this.#queue.hasRoomFor(item)) this.#supervisor.drainAcks(); // acknowledgements make room
    if (this.#spooled?.keep(item, bodies) === true) this.#queue.discard(item);
    else if (this.#remote?.join(item) !== true) this.#queue.push(item);
    if (this.#ending.exitLeftMs !== undefined) {
      this.exit(this.#ending.exitLeftMs);
      return;
    }
    this.#loop.onRecorded();
    this.warmUp();
  }

  /** Starts the thread early, while the application goes on, so that `exit` need not wait for its start. */
  warmUp(): void {
    if (this.#isWarm) return;
    this.#isWarm = true;
    this.#loop.start();
    if (this.#supervisor.isThread) soon(() => !this.#ending.isClosed && this.#supervisor.start());
  }

  #onReplaced(item: Item): void {
    this.#spooled?.settle(item);
    this.#stats.replace(item.id);
    this.#updates?.replaced(item);
  }

  #dispatcherEvents(): DispatcherEvents {
    return {
      handing: (items) => this.#spooled?.markInFlight(items),
      delivered: (item, notes, route) => {
        this.#spooled?.settle(item);
        this.#stats.deliver(item.id, notes.length > 0);
        this.#madeDiagnostics?.delivered(route);
        if (notes.length > 0 && !item.isUpdate) this.#diagnostics.repaired(item, notes);
        if (item.kind === 'trace') this.#traceStored(item.traceId);
        if (item.isUpdate) this.#updates?.settle(item, 'stored');
      },
      failed: (item, status, detail, rest) => this.#losses.failed(item, status, detail, rest),
      recordLost: (traceId) => this.#updates?.recordLost(traceId) === true,
      remoteAbsent: (group) => {
        this.#remote ??= this.#createRemoteItems();
        this.#remote.add(group, performance.now());
      },
      obstructed: (item, obstacle, route, isHold) => {
        this.#isLimited ||= obstacle.cause === 'rate' || obstacle.cause === 'quota';
        this.#diagnostics.obstructed(item, obstacle, route, isHold);
      },
    };
  }

  #traceStored(traceId: string): void {
    this.#remote?.hurry(performance.now(), traceId);
    this.#madeLosses?.forget(traceId); // an earlier record of it may have been lost
    this.#updates?.stored(traceId);
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
    if (!this.#ending.isClosed) this.#spooled?.loadFromDisk(); // a flush waits for items of ended processes, too
    this.#remote?.hurry(performance.now());
    return this.#flushes.start(timeoutMs, () => {
      this.#pace.hurry(performance.now(), this.#timing.minFlushRetryMs, this.#timing.maxFlushRetryMs);
      this.#loop.release();
    });
  }

  get #diagnostics(): Diagnostics {
    this.#madeDiagnostics ??= new Diagnostics(this.#options, this.#timing.faultLogMs, () => this.#stats.pending);
    return this.#madeDiagnostics;
  }

  get #openTraces(): Updates {
    this.#updates ??= new Updates({
      stats: this.#stats,
      encoder: this.#encoder,
      queue: this.#queue,
      spooled: this.#spooled,
    });
    return this.#updates;
  }

  get #losses(): Losses {
    this.#madeLosses ??= new Losses({
      stats: this.#stats,
      spooled: this.#spooled,
      log: this.#options.log,
      updates: () => this.#updates,
      diagnostics: () => this.#diagnostics,
    });
    return this.#madeLosses;
  }

  #createRemoteItems(): RemoteItems {
    return new RemoteItems(this.#queue, this.#timing, this.#options, {
      isLimited: () => this.#isLimited,
      isOnDisk: (item) => this.#spooled?.isOnDisk(item) === true,
      newTraceAt: () => this.#pace.nextAt('traces'),
      isEnding: this.#loop.isExiting || this.#ending.isShuttingDown,
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
