import { DeliveryError, SettingsError } from '../../common/errors.js';
import { createLog, type Log } from '../../common/log.js';
import { ownOnly } from '../../common/own.js';
import { VERSION } from '../../common/version.js';
import { type Environment, environmentOf, transportEnvironment } from '../../config/environment.js';
import type { Options, Settings } from '../../config/options.js';
import { readSettings } from '../../config/settings.js';
import type { DeliveryOptions } from '../../delivery/options.js';
import type { Loss } from '../../delivery/report/loss-reports.js';
import type { BroughtProtocol } from '../../delivery/wire/brought-protocol.js';
import type { OtlpSettings } from '../../delivery/wire/otlp-settings.js';
import type { CapturedLateSpans, LateSpansRecord, ScoreRecord, TraceRecord } from '../../model/records.js';
import { type FlushOptions, type FlushResult, noStats, nothing, type Sink, type SinkStats } from '../../model/sink.js';
import type { LiveDelivery } from '../live/live-delivery.js';
import { loadDelivery } from '../loading/load-delivery.js';
import { offerDelivery } from './direct-delivery.js';
import { LateBatch } from './late-batch.js';
import { LazyDelivery } from './lazy-delivery.js';
import { type ErrorListener, LossListeners } from './loss-listeners.js';

/** Options of the HTTP sink. */
export type HttpSinkOptions = Pick<
  Options,
  | 'apiKey'
  | 'projectName'
  | 'endpoint'
  | 'batchSize'
  | 'flushIntervalMs'
  | 'maxQueueSize'
  | 'maxQueueBytes'
  | 'spoolDir'
  | 'maxSpoolBytes'
  | 'worker'
  | 'live'
  | 'requestTimeoutMs'
  | 'onError'
  | 'debug'
>;

/** The settings of a delivery: a client's, and for OTLP its own. */
interface DeliverySettings extends Settings {
  readonly otlp?: OtlpSettings | undefined;
  readonly protocol?: BroughtProtocol | undefined;
}

/** A delivery as a sink. */
export class DeliverySink implements Sink {
  readonly name: string = 'http';
  /** Undefined if nothing can be sent: a setting is wrong, or everything is switched off. */
  readonly #delivery: LiveDelivery | LazyDelivery | undefined;
  /** Late spans that wait for others of their trace; created by the first one. */
  #late: LateBatch | undefined;
  readonly #listeners: LossListeners;

  /** @throws SettingsError `ERR_SETTINGS` when the key or project is missing */
  constructor(settings: DeliverySettings, environment: Environment, log: Log) {
    this.#listeners = new LossListeners(log);
    if (settings.wrong !== undefined) {
      log.error('settings', `${settings.wrong}; nothing is sent until this is put right`);
      return;
    }
    if (!settings.enabled && (settings.apiKey === undefined || settings.projectName === undefined)) return;
    this.#delivery = startDelivery(settings, environment, log, (loss) => {
      this.#listeners.notify(new DeliveryError(loss.message, loss));
    });
    const lateSpans = (record: CapturedLateSpans) => this.#addLate(record);
    const handOver = () => this.#late?.handOver();
    const hasScores = settings.otlp === undefined;
    offerDelivery(this, { delivery: this.#delivery, hasScores, lateSpans, handOver, ours: DeliverySink.prototype });
  }

  reportTo(listener: ErrorListener): void {
    this.#listeners.add(listener);
  }

  trace(record: TraceRecord): void {
    this.#delivery?.trace(record);
  }

  lateSpans(record: LateSpansRecord): void {
    this.#addLate(record);
  }

  score(record: ScoreRecord): void {
    this.#delivery?.score(record);
  }

  flush(options?: FlushOptions): Promise<FlushResult> {
    this.#late?.handOver();
    return this.#delivery?.flush(options) ?? Promise.resolve(nothing);
  }

  shutdown(options?: FlushOptions): Promise<FlushResult> {
    this.#late?.handOver();
    return this.#delivery?.shutdown(options) ?? Promise.resolve(nothing);
  }

  exit(timeoutMs: number): void {
    this.#late?.handOver();
    this.#delivery?.exit(timeoutMs);
  }

  stats(): SinkStats {
    this.#late?.handOver();
    return this.#delivery?.stats() ?? noStats;
  }

  #addLate(record: CapturedLateSpans): void {
    this.#late ??= new LateBatch((batch) => this.#delivery?.lateSpans(batch));
    this.#late.add(record);
  }
}

/**
 * Sends records to the PandaProbe backend from a background thread. The default sink. Create it yourself to use it together with
 * others.
 *
 * @example
 * ```ts
 * init({ sinks: [new HttpSink({ apiKey: 'sk_pp_your_key', projectName: 'support' }), new ConsoleSink()] });
 * ```
 */
export class HttpSink extends DeliverySink {
  /**
   * @param options - options that are missing are read from the `PANDAPROBE_…` variables
   * @param env - holds the variables instead of the process, as the `env` of a Cloudflare Worker does
   * @throws SettingsError `ERR_SETTINGS` when an option is wrong, or the key or project is missing, unless
   * `PANDAPROBE_ENABLED` is `false`
   */
  constructor(options: HttpSinkOptions = {}, env?: object) {
    const environment = environmentOf(env);
    const { settings, warnings } = readSettings(options, environment);
    const log = createLog({ debug: settings.debug });
    // The client that uses the sink warns of the variables of the process.
    if (env !== undefined) for (const warning of warnings) log.warn(warning, warning);
    super(settings, environment, log);
    if (settings.onError !== undefined) this.reportTo(settings.onError);
  }
}

/**
 * The key and the project, without which nothing can be sent.
 * @throws SettingsError `ERR_SETTINGS` when one of them is missing
 */
export function checkNeeded({ apiKey, projectName }: Settings): {
  readonly apiKey: string;
  readonly projectName: string;
} {
  if (apiKey !== undefined && projectName !== undefined) return { apiKey, projectName };
  const option = apiKey === undefined ? 'apiKey' : 'projectName';
  throw new SettingsError(option, `${option}: expected a value (option or variable), got none`);
}

function startDelivery(
  settings: DeliverySettings,
  environment: Environment,
  log: Log,
  onLoss: (loss: Loss) => void,
): LiveDelivery | LazyDelivery {
  const options: DeliveryOptions = ownOnly({
    ...settings,
    ...checkNeeded(settings),
    env: transportEnvironment(environment),
    userAgent: `pandaprobe-ts/${VERSION}`,
    log,
    onLoss,
  });
  const file = loadDelivery();
  return 'then' in file ? new LazyDelivery(options, file) : file.createDelivery(options);
}
