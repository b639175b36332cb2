import { performance, soon } from '../common/real-time.js';
import type { CapturedLateSpans, CapturedTrace, ScoreRecord } from '../model/records.js';
import { defaultFlushMs, type FlushOptions, type FlushResult } from '../model/sink.js';
import type { DeliveryOptions, EarlyDelivery } from './options.js';
import { otlpEncoder } from './otlp/encoder.js';
import { Pace } from './pace/pace.js';
import { defaultTiming, type Timing } from './pace/timing.js';
import { pandaProbeEncoder } from './pandaprobe/encoder.js';
import { Queue } from './queue/queue.js';
import { logDeleted } from './report/exit-lines.js';
import { type DeliveryStats, Stats } from './report/stats.js';
import { Dispatcher } from './schedule/dispatcher.js';
import { Ending } from './schedule/ending.js';
import { Intake } from './schedule/intake.js';
import { DeliveryLoop, type LoopParts } from './schedule/loop.js';
import { Outcomes } from './schedule/outcomes.js';
import { type Flushed, PendingFlushes } from './schedule/pending-flushes.js';
import { SpecialCases } from './schedule/special-cases.js';
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
 * - in: `Intake` makes an item of each record, and queues it;
 * - when: `DeliveryLoop` releases recorded items and drives the dispatcher, `Pace` and `Retries` decide what may be sent;
 * - where: `Supervisor` starts the worker, and replaces it when it dies;
 * - out: `Outcomes` passes the outcome of an item on: `Stats` count, `Diagnostics` log and call `onLoss`, `PendingFlushes` resolve flushes;
 * - rarely: `SpecialCases` makes the parts that an ordinary trace does not need.
 */
class QueuedDelivery implements EarlyDelivery {
  readonly #stats = new Stats();
  readonly #encoder: Encoder;
  readonly #queue: Queue;
  readonly #pace: Pace;
  readonly #dispatcher: Dispatcher;
  readonly #supervisor: Supervisor;
  readonly #timing: Timing;
  readonly #options: DeliveryOptions;
  readonly #flushes: PendingFlushes;
  readonly #spooled: SpooledQueue | undefined;
  readonly #loop: DeliveryLoop;
  readonly #ending: Ending;
  readonly #intake: Intake;
  readonly #cases: SpecialCases;
  readonly #outcomes: Outcomes;
  /** Most bytes of a body; becomes less when the backend says so. */
  #maxBodyBytes: number;
  #isWarm = false;
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
      (items, reason) => this.#cases.losses.evicted(items, reason),
      (item) => this.#outcomes.replaced(item),
    );
    const { spoolDir } = options;
    if (spoolDir !== undefined) {
      const spool = { ...options, spoolDir };
      this.#spooled = new SpooledQueue(spool, this.#queue, this.#encoder, this.#stats, {
        onWork: () => this.#loop.tick(),
        onDropped: (items) => logDeleted(this.#cases.diagnostics, items),
      });
    }
    this.#cases = new SpecialCases({
      ...{ stats: this.#stats, encoder: this.#encoder, queue: this.#queue, spooled: this.#spooled, options, timing },
      isLimited: () => this.#outcomes.isLimited,
      newTraceAt: () => this.#pace.nextAt('traces'),
      isEnding: () => this.#loop.isExiting || this.#ending.isShuttingDown,
    });
    this.#outcomes = new Outcomes(this.#stats, this.#spooled, this.#cases);
    this.#dispatcher = new Dispatcher(this.#queue, this.#encoder, this.#pace, timing, this.#outcomes);
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
      remote: () => this.#cases.madeRemote,
      supervisor: this.#supervisor,
      flushes: this.#flushes,
      stats: this.#stats,
      spooled: this.#spooled,
      finishPostponed: () => this.#intake.finishPostponed(),
    };
    this.#loop = new DeliveryLoop(parts, options);
    this.#ending = new Ending({
      ...parts,
      loop: this.#loop,
      pace: this.#pace,
      rules: this.#encoder,
      losses: () => this.#cases.losses,
      diagnostics: () => this.#cases.diagnostics,
      flush: (timeoutMs) => this.#flush(timeoutMs),
    });
    this.#intake = new Intake({
      ...parts,
      encoder: this.#encoder,
      loop: this.#loop,
      ending: this.#ending,
      cases: this.#cases,
      warmUp: () => this.warmUp(),
    });
  }

  trace(record: CapturedTrace): void {
    this.#cases.madeLosses?.forget(record.traceId);
    this.#intake.take('trace', record.traceId, () => this.#encoder.trace(record, this.#maxBodyBytes));
    if (this.#cases.madeUpdates?.ended(record.traceId) === true && !this.#ending.isClosed) this.#loop.releaseSoon(); // a run that is watched must show its end at once
  }

  part(record: CapturedTrace): void {
    if (this.#options.otlp !== undefined) {
      this.lateSpans(record); // in OTLP the trace is its root span, which is sent once, when it has ended
      return;
    }
    if (!this.#ending.isClosed) this.#cases.updates.began(record.traceId);
    this.#intake.take('trace', record.traceId, () => this.#encoder.trace(record, this.#maxBodyBytes));
  }

  lateSpans(record: CapturedLateSpans): void {
    if (record.spans.length === 0) return;
    this.#intake.take(
      'spans',
      record.traceId,
      () => this.#encoder.lateSpans(record, this.#maxBodyBytes),
      record.isRemote,
    );
  }

  score(record: ScoreRecord): void {
    const encode = this.#encoder.score;
    if (encode === undefined) {
      this.#stats.drop(this.#stats.create(), 'no_scores');
      this.#cases.diagnostics.noScores();
      return;
    }
    this.#intake.take('score', record.traceId, () => encode(record));
  }

  update(record: CapturedTrace | CapturedLateSpans, onSettled: (outcome: UpdateOutcome) => void): void {
    this.#intake.finishPostponed();
    if (this.#ending.isClosed) {
      onSettled('left out');
      return;
    }
    if (!this.#cases.updates.add(record, this.#maxBodyBytes, onSettled)) return;
    this.#loop.releaseSoon();
    this.warmUp();
  }

  settleUpdates(): void {
    this.#supervisor.drainAcks();
  }

  get isLimited(): boolean {
    return this.#outcomes.isLimited;
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
    this.#intake.finishPostponed();
    this.#supervisor.drainAcks();
    return this.#stats.stats(this.#queue.bytes + (this.#cases.madeRemote?.bytes ?? 0));
  }

  /** Starts the thread early, while the application goes on, so that `exit` need not wait for its start. */
  warmUp(): void {
    if (this.#isWarm) return;
    this.#isWarm = true;
    this.#loop.start();
    if (this.#supervisor.isThread) soon(() => !this.#ending.isClosed && this.#supervisor.start());
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
    this.#intake.finishPostponed();
    if (!this.#ending.isClosed) this.#spooled?.loadFromDisk(); // a flush waits for items of ended processes, too
    this.#cases.madeRemote?.hurry(performance.now());
    return this.#flushes.start(timeoutMs, () => {
      this.#pace.hurry(performance.now(), this.#timing.minFlushRetryMs, this.#timing.maxFlushRetryMs);
      this.#loop.release();
    });
  }
}
