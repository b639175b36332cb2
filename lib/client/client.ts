import { errorName, errorText } from '../common/error-text.js';
import { UsageError } from '../common/errors.js';
import { createLog, type Log } from '../common/log.js';
import { ownOnly } from '../common/own.js';
import { setImmediate } from '../common/real-time.js';
import { type Environment, environmentOf } from '../config/environment.js';
import type { Options, Settings } from '../config/options.js';
import { unsupported } from '../config/platform.js';
import { readSettings } from '../config/settings.js';
import { createTrace } from '../engine/create-span.js';
import { followOthers } from '../engine/follow.js';
import type { Frame } from '../engine/frame.js';
import type { TraceHandle, TraceOptions } from '../engine/handles.js';
import { enterTrace } from '../engine/live-handles.js';
import { NoopTrace } from '../engine/noop.js';
import type { Recorder } from '../engine/recorder.js';
import { canEnter, currentFrame } from '../engine/scope.js';
import type { TraceRecord } from '../model/records.js';
import type { ScoreOptions } from '../model/score.js';
import type { FlushOptions, FlushResult, Sink, SinkStats } from '../model/sink.js';
import type { TraceFields } from '../model/trace-data-record.js';
import type { ExitWatch } from './lifecycle/process-exit.js';
import type { DeliveryFile } from './loading/delivery-beside.js';
import { loadDelivery } from './loading/load-delivery.js';
import { type Guest, offerParts } from './recording/client-parts.js';
import { ClientRecorder } from './recording/client-recorder.js';
import { outsideTraces } from './recording/suppression.js';
import type { TraceData } from './recording/trace-data.js';
import { TraceSampling } from './recording/trace-sampling.js';
import { ConsoleSink } from './sinks/console-sink.js';
import { addStats, droppedStats } from './sinks/counts.js';
import { checkNeeded, DeliverySink } from './sinks/http-sink.js';
import { type ErrorListener, LossListeners } from './sinks/loss-listeners.js';
import { SinkGroup } from './sinks/sink-group.js';

export type { ErrorListener } from './sinks/loss-listeners.js';

/**
 * Records traces under one key and project. Most programs need only the process-wide client, which `init()` or the first trace
 * creates. Create further clients to send to several tenants from one process.
 *
 * @example
 * ```ts
 * const client = new Client({ apiKey: 'sk_pp_your_key', projectName: 'tenant-a' });
 * const t = client.trace('nightly-report');
 * t.end();
 * await client.shutdown();
 * ```
 */
export class Client {
  readonly #settings: Settings;
  readonly #log: Log;
  readonly #sinks: SinkGroup;
  readonly #recorder: ClientRecorder;
  readonly #sampling: TraceSampling;
  readonly #listeners: LossListeners;
  /** The package's second file; undefined until it is loaded, or if nothing is recorded. */
  #file: typeof DeliveryFile | undefined;
  #exitWatch: ExitWatch | undefined;
  #isOn: boolean;
  #shutdownResult: Promise<FlushResult> | undefined;
  /** Other tracers that hold spans for this client. */
  readonly #guests = new Set<Guest>();

  /**
   * @param options - default to the `PANDAPROBE_…` variables
   * @param env - the variables to read instead of `process.env`, such as the `env` of a Cloudflare Worker; values that are not
   * strings are ignored
   * @throws SettingsError `ERR_SETTINGS` when an option is wrong, or only one of key and project is given
   */
  constructor(options: Options = {}, env?: object) {
    const environment = environmentOf(env);
    const { settings, warnings } = readSettings(options, environment);
    if (unsupported === undefined && settings.missing !== undefined) checkHalfGiven(options, settings);
    this.#settings = settings;
    this.#log = createLog({ debug: settings.debug });
    this.#listeners = new LossListeners(this.#log);
    for (const warning of warnings) this.#log.warn(warning, warning);
    if (settings.wrong !== undefined)
      this.#log.error('settings', `${settings.wrong}; nothing is recorded until this is put right`);
    const isPossible = unsupported === undefined && settings.wrong === undefined;
    this.#isOn = isPossible && settings.enabled && (settings.missing === undefined || settings.console);
    if (settings.onError !== undefined) this.#listeners.add(settings.onError);
    this.#sinks = new SinkGroup(this.#isOn ? this.#chooseSinks(environment) : [], this.#log);
    this.#sinks.each((sink) => sink.reportTo?.((error) => this.#listeners.notify(error)));
    this.#recorder = new ClientRecorder(settings, this.#sinks, this.#log);
    this.#sampling = new TraceSampling(settings, this.#sinks, this.#log, this.#recorder);
    // Node before 24 separates flows only after the first frame was entered. Before that, a handle that a function opens would stay
    // current in its caller.
    if (this.#isOn) {
      canEnter();
      this.#load();
    }
    offerParts(this, {
      recorder: (outside, isKept) => this.#recorderFor(outside, isKept),
      recordOf: (trace, log) => this.#recordOf(trace, log),
      isBusy: () => this.#isBusy,
      host: (guest) => {
        this.#exitWatch?.markBusy();
        return this.#guests.add(guest);
      },
    });
    if (unsupported !== undefined) console.warn(`[pandaprobe] ${unsupported}`);
    else if (settings.missing !== undefined) this.#warnUnconfigured(settings.missing);
  }

  /** Whether anything is recorded. */
  get enabled(): boolean {
    return this.#isOn;
  }

  /** The client's settings, without the key. */
  get config(): Omit<Settings, 'apiKey'> {
    const { apiKey: _, ...rest } = this.#settings;
    return rest;
  }

  /** Starts a trace of this client, current from here on in this flow of control. */
  trace(name: string, options?: TraceOptions | null): TraceHandle {
    const outside = currentFrame();
    const recorder = this.#recorderFor(outside);
    if (recorder === undefined) return new NoopTrace();
    return enterTrace(createTrace(recorder, outside, name, options, true), outside);
  }

  /** Sends a trace that was recorded elsewhere. Sampling does not apply. */
  logTrace(trace: TraceData): void {
    if (!this.#isOn) return;
    this.#exitWatch?.markBusy();
    try {
      const record = this.#recordOf(trace, this.#log);
      this.#recorder.send(record);
      currentFrame().ambient.onTraceStarted?.(record.traceId);
    } catch (error) {
      this.#log.error(
        'logTrace',
        `a trace given to logTrace() is left out: ${errorName(error)} was thrown while it was read`,
      );
    }
  }

  #recordOf(trace: TraceFields, log: Log): TraceRecord {
    const record = this.#loaded.traceDataRecord(trace, this.#recorder.capture, log);
    const { environment, release } = this.#settings;
    return { ...record, environment: record.environment ?? environment, release: record.release ?? release };
  }

  /**
   * Scores a trace of this or another process. If the trace is still open here, the score is sent when it ends. A number or boolean
   * is sent as text with its data type. A score that the backend would refuse is dropped with a warning.
   */
  score(traceId: string, name: string, value: string | number | boolean, options?: ScoreOptions): void {
    if (!this.#isOn) return;
    this.#exitWatch?.markBusy();
    try {
      const record = this.#loaded.scoreRecord(traceId, name, value, options, this.#recorder.capture, this.#log);
      if (record !== undefined) this.#recorder.score(record);
    } catch (error) {
      this.#log.warn('score', `a score is left out: ${errorName(error)} was thrown while it was read`);
    }
  }

  /** Calls `listener` for every loss. @returns a function that removes it */
  onError(listener: ErrorListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /**
   * Sends everything queued so far; open traces stay open. Settles within `timeoutMs` whatever the backend does; never rejects. A
   * bare number is seconds.
   */
  async flush(options?: FlushOptions | number): Promise<FlushResult> {
    if (this.#recorder.isOpen) await turn();
    for (const end of this.#recorder.unread) end(true); // else a stream that nobody reads would keep its trace open
    return this.#withSampledOut(await this.#sinks.callEach('flush', flushOptions(options)));
  }

  /**
   * Ends the traces that are still open, as ERROR and with the spans recorded so far, and flushes. Then the client records
   * nothing more and removes its listeners. A second call returns the result of the first.
   */
  shutdown(options?: FlushOptions | number): Promise<FlushResult> {
    this.#endGuests();
    this.#isOn = false;
    this.#shutdownResult ??= this.#close(flushOptions(options));
    return this.#shutdownResult;
  }

  /** Counts of all items: `created = delivered + failed + pending + dropped`. */
  stats(): SinkStats {
    const stats = this.#sinks.stats();
    const { sampledOut } = this.#sampling;
    return sampledOut === 0 ? stats : addStats(stats, droppedStats('sampled', sampledOut));
  }

  /** @param isKept - another process has decided already that the trace is kept */
  #recorderFor(outside: Frame, isKept = false): Recorder | undefined {
    if (!this.#isOn) return undefined;
    this.#exitWatch?.markBusy();
    return this.#sampling.recorderFor(isKept || outside.ambient.remote?.isKept(this.#recorder.destination));
  }

  get #isBusy(): boolean {
    const isPending = this.#recorder.isOpen || this.#sinks.stats().pending > 0;
    return isPending || [...this.#guests].some(({ isBusy }) => isBusy);
  }

  #endGuests(): void {
    for (const guest of this.#guests) guest.endOpen(this);
    this.#guests.clear();
  }

  async #close(options: FlushOptions | undefined): Promise<FlushResult> {
    if (this.#recorder.isOpen) await turn();
    this.#recorder.endOpen('client'); // now, because records of later ends are not accepted
    const result = await this.#sinks.callEach('shutdown', options);
    this.#exitWatch?.stop();
    return this.#withSampledOut(result);
  }

  #load(): void {
    const file = loadDelivery();
    if (!('then' in file)) this.#use(file);
    else
      file.then(
        (loaded) => this.#use(loaded),
        (error: unknown) =>
          this.#log.error(
            'load',
            `no values are recorded, and what is open as the process ends is lost: ${errorText(error)}`,
          ),
      );
  }

  /** Starts to capture values, and to watch for the end of the process. */
  #use(file: typeof DeliveryFile): void {
    const { maxValueBytes, mask } = this.#settings;
    this.#file = file;
    followOthers(file.followOther);
    this.#sinks.toJson = file.unfold;
    const untraced = mask && outsideTraces(mask);
    // The mask gets objects of its own realm; the file may have been loaded in another one.
    const capture = file.createCapture({ maxValueBytes, mask: untraced, log: this.#log, parse: JSON.parse });
    this.#recorder.use(capture, file.withEstimatedCosts);
    if (this.#shutdownResult !== undefined) return;
    this.#exitWatch = file.watchClient({
      client: this,
      sinks: this.#sinks,
      exitTimeoutMs: this.#settings.exitTimeoutMs,
      isBusy: () => this.#isBusy,
      endOpen: () => {
        this.#endGuests();
        this.#recorder.endOpen('process');
        this.#sinks.handOver();
      },
    });
  }

  get #loaded(): typeof DeliveryFile {
    if (this.#file === undefined) throw new UsageError('pandaprobe-ts is still being loaded');
    return this.#file;
  }

  #withSampledOut(result: FlushResult): FlushResult {
    return { ...result, dropped: result.dropped + this.#sampling.sampledOut };
  }

  #chooseSinks(environment: Environment): readonly Sink[] {
    const { sinks, console, missing } = this.#settings;
    const chosen = sinks ?? (missing === undefined ? [new DeliverySink(this.#settings, environment, this.#log)] : []);
    return console ? [...chosen, new ConsoleSink()] : chosen;
  }

  /** Logs once that settings are missing, and how to set them. */
  #warnUnconfigured(missing: string): void {
    if (this.#settings.console) this.#log.debug(`${missing}, so traces are only printed`);
    else
      this.#log.warn(
        'not configured',
        `${missing}, so nothing is recorded. Set PANDAPROBE_API_KEY and PANDAPROBE_PROJECT_NAME, or PANDAPROBE_ENABLED=false to silence this`,
      );
  }
}

/**
 * Refuses a key without a project, or a project without a key, given as an option: that is a mistake in the code.
 * @throws SettingsError `ERR_SETTINGS`
 */
function checkHalfGiven(options: Options, settings: Settings): void {
  const { apiKey, projectName } = ownOnly(options);
  if ((apiKey ?? projectName ?? undefined) !== undefined) checkNeeded(settings);
}

/** Lets traces end whose results the program has: a promise of theirs may settle a few microtasks before. */
const turn = () => new Promise<void>((go) => setImmediate(go));

function flushOptions(options: FlushOptions | number | undefined): FlushOptions | undefined {
  if (options === undefined) return undefined;
  return typeof options === 'number' ? { timeoutMs: options * 1000 } : ownOnly(options);
}
