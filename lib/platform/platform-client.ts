import { SettingsError } from '../common/errors.js';
import { ownOnly } from '../common/own.js';
import { environmentOf } from '../config/environment.js';
import { readSettings } from '../config/settings.js';
import { Calls } from './calls.js';
import { Evaluations } from './evaluations.js';
import { Scores } from './scores.js';
import { Sessions } from './sessions.js';
import { checkMs } from './time-limit.js';
import { Traces } from './traces.js';

export type { CallOptions } from './calls.js';
export { type CapturedTraces, type CaptureTracesOptions, captureTraces } from './capture-traces.js';
export {
  EvaluationError,
  PlatformError,
  type PlatformErrorDetails,
  platformErrorCodes,
  UnknownOutcomeError,
} from './errors.js';
export type { CreateEvaluationOptions, EvaluationResult, Evaluations, WaitEvaluationOptions } from './evaluations.js';
export type { PageOptions } from './paging.js';
export type { ListScoresOptions, Scores } from './scores.js';
export type { ListSessionsOptions, Sessions } from './sessions.js';
export type {
  EvaluationRun,
  Metric,
  Page,
  SessionSummary,
  StoredScore,
  StoredSession,
  StoredSpan,
  StoredTrace,
  TraceSummary,
} from './shapes.js';
export type { IterateTracesOptions, ListTracesOptions, TraceFilter, Traces, WaitVisibleOptions } from './traces.js';

/** The target, key and time limits of a {@link PlatformClient}. */
export interface PlatformClientOptions {
  /** Key of the platform. @defaultValue `PANDAPROBE_API_KEY` */
  readonly apiKey?: string | undefined;
  /** Name of the project. @defaultValue `PANDAPROBE_PROJECT_NAME` */
  readonly projectName?: string | undefined;
  /** URL of the platform. @defaultValue `PANDAPROBE_ENDPOINT`, else `https://api.pandaprobe.com` */
  readonly endpoint?: string | undefined;
  /** Longest time for one call with its retries, in milliseconds. @defaultValue 30,000 */
  readonly timeoutMs?: number | undefined;
  /** How often a read is tried, 1 to 10. Calls that change something are sent once. @defaultValue 3 */
  readonly readAttempts?: number | undefined;
  /** The `fetch` that makes the requests, such as undici's with a proxy. @defaultValue the global `fetch` */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

const whereNames: readonly string[] = ['apiKey', 'projectName', 'endpoint'];
const optionNames = [...whereNames, 'timeoutMs', 'readAttempts', 'fetch'];

/**
 * Reads traces, sessions and scores from the platform, waits for them, and runs the platform's evaluations. It is independent of
 * recording: it has no queue and no thread, and needs no shutdown.
 *
 * @example
 * ```ts
 * import { flush, withTrace } from 'pandaprobe-ts';
 * import { captureTraces, PlatformClient } from 'pandaprobe-ts/platform';
 *
 * const platform = new PlatformClient();
 * const { traceIds } = await captureTraces(() => withTrace('agent', async () => 'done'));
 * await flush();
 * for (const traceId of traceIds) console.log((await platform.traces.waitVisible(traceId)).status);
 * ```
 */
export class PlatformClient {
  readonly traces: Traces;
  readonly sessions: Sessions;
  readonly scores: Scores;
  readonly evaluations: Evaluations;

  /**
   * @param options - default to the `PANDAPROBE_…` variables
   * @param env - the variables to read instead of `process.env`, such as the `env` of a Cloudflare Worker
   * @throws SettingsError `ERR_SETTINGS` if an option or variable is wrong, or the key or project is missing
   */
  constructor(options: PlatformClientOptions = {}, env?: object) {
    const { timeoutMs = 30_000, readAttempts = 3, fetch = globalThis.fetch, ...where } = ownOnly(options);
    const unknown = Object.keys(where).find((name) => !whereNames.includes(name));
    if (unknown !== undefined)
      throw new SettingsError(unknown, `expected one of ${optionNames.join(', ')}, got the option ${unknown}`);
    const { settings } = readSettings(where, environmentOf(env));
    if (settings.wrong !== undefined) throw new SettingsError('variables', settings.wrong);
    const { apiKey, projectName, endpoint } = settings;
    if (apiKey === undefined)
      throw new SettingsError('apiKey', 'apiKey: expected a key (option or variable), got none');
    if (projectName === undefined)
      throw new SettingsError('projectName', 'projectName: expected a name (option or variable), got none');
    if (typeof fetch !== 'function')
      throw new SettingsError('fetch', `fetch: expected a function, got ${typeof fetch}`);
    if (!Number.isInteger(readAttempts) || readAttempts < 1 || readAttempts > 10)
      throw new SettingsError(
        'readAttempts',
        `readAttempts: expected a whole number from 1 to 10, got ${String(readAttempts)}`,
      );
    try {
      checkMs('timeoutMs', timeoutMs);
    } catch (error) {
      throw new SettingsError('timeoutMs', (error as RangeError).message); // checkMs throws nothing else
    }
    const calls = new Calls({ apiKey, projectName, endpoint, timeoutMs, readAttempts, fetch });
    this.traces = new Traces(calls);
    this.sessions = new Sessions(calls);
    this.scores = new Scores(calls);
    this.evaluations = new Evaluations(calls);
  }
}
