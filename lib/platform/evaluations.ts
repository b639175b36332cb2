import type { CallOptions, Calls } from './calls.js';
import { EvaluationError, UnknownOutcomeError } from './errors.js';
import { idText, type PageOptions, pageParams } from './paging.js';
import {
  type EvaluationRun,
  type Metric,
  type Page,
  readList,
  readPage,
  readRecord,
  type StoredScore,
} from './shapes.js';
import { poll } from './time-limit.js';

/** The traces to evaluate, and the metrics. */
export interface CreateEvaluationOptions extends CallOptions {
  /** Ids of the traces, at least one; duplicates count once. */
  readonly traceIds: readonly string[];
  /** Names of metrics, at least one: see `metrics()`. */
  readonly metrics: readonly string[];
  readonly name?: string | undefined;
  /** The model that judges. @defaultValue the platform's default */
  readonly model?: string | undefined;
}

/** How long to wait for an evaluation, and which scores it must have. */
export interface WaitEvaluationOptions {
  /** Longest wait, in milliseconds. @defaultValue 120,000 */
  readonly timeoutMs?: number | undefined;
  /** Time between two checks, in milliseconds. @defaultValue 1,000 */
  readonly intervalMs?: number | undefined;
  /** Ends the wait, which then rejects with the signal's reason. The evaluation goes on. */
  readonly signal?: AbortSignal | undefined;
  /**
   * With `metrics`: each pair of a trace and a metric must have exactly one usable score.
   * @defaultValue scores are not checked
   */
  readonly traceIds?: readonly string[] | undefined;
  readonly metrics?: readonly string[] | undefined;
}

/** An evaluation that is complete, with its scores. */
export interface EvaluationResult {
  readonly run: EvaluationRun;
  readonly scores: readonly StoredScore[];
}

const runs = '/evaluations/trace-runs';
const needed = ['id', 'status', 'metricNames'] as const;
const neededOfScores = ['id', 'traceId', 'name', 'status'] as const;

/** Evaluations of traces by the platform's judges. The local server has none: it answers `create` with 501. */
export class Evaluations {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** The metrics that the platform can evaluate. */
  async metrics(options?: CallOptions): Promise<Metric[]> {
    const path = '/evaluations/trace-metrics';
    return readList<Metric>(`GET ${path}`, await this.#calls.get(path, {}, options), ['name']);
  }

  /**
   * Starts an evaluation. It costs money, so the request is never repeated automatically.
   *
   * @returns the run, which goes on at the platform; see `wait`
   * @throws UnknownOutcomeError if it is unknown whether it was started; PlatformError if it was refused
   */
  async create(options: CreateEvaluationOptions): Promise<EvaluationRun> {
    const { traceIds, metrics, name, model } = options ?? {};
    const ids = [...new Set(listOf('traceIds', traceIds).map((traceId) => idText('traceIds', traceId)))];
    const wrong = listOf('metrics', metrics).find((metric) => typeof metric !== 'string' || metric === '');
    if (wrong !== undefined) throw new TypeError(`metrics: expected names, got ${JSON.stringify(wrong)}`);
    const body = { trace_ids: ids, metrics: [...new Set(metrics)], name, model };
    const answer = await this.#calls.change('POST', `${runs}/batch`, {}, body, options);
    try {
      return readRecord<EvaluationRun>(`POST ${runs}/batch`, answer, needed);
    } catch {
      throw new UnknownOutcomeError(`POST ${runs}/batch: the answer names no evaluation; look before you repeat it`);
    }
  }

  /** One evaluation. @throws PlatformError with `status` 404 when there is none */
  async get(runId: string, options?: CallOptions): Promise<EvaluationRun> {
    const path = `${runs}/${idText('runId', runId)}`;
    return readRecord<EvaluationRun>(`GET ${path}`, await this.#calls.get(path, {}, options), needed);
  }

  /** One page of the evaluations, the latest first. */
  async list(
    options: PageOptions & CallOptions & { status?: EvaluationRun['status'] | undefined } = {},
  ): Promise<Page<EvaluationRun>> {
    const params = { status: options.status, ...pageParams(options) };
    return readPage<EvaluationRun>(`GET ${runs}`, await this.#calls.get(runs, params, options), needed);
  }

  /** The scores of one evaluation, including failed ones. */
  async scores(runId: string, options?: CallOptions): Promise<StoredScore[]> {
    const path = `${runs}/${idText('runId', runId)}/scores`;
    return readList<StoredScore>(`GET ${path}`, await this.#calls.get(path, {}, options), neededOfScores);
  }

  /**
   * Waits until an evaluation is complete.
   *
   * @returns the run and its scores
   * @throws EvaluationError if it failed, or scores are missing; PlatformError if the time is over, or a check is
   * refused. Once the platform has answered, an outage does not end the wait
   */
  async wait(runId: string, options: WaitEvaluationOptions = {}): Promise<EvaluationResult> {
    const { timeoutMs = 120_000, intervalMs = 1000, signal, traceIds = [], metrics = [] } = options;
    const wanted = traceIds.flatMap((each) => metrics.map((metric) => ({ traceId: idText('traceIds', each), metric })));
    const times = { timeoutMs, intervalMs, signal };
    return poll(`waiting for evaluation ${idText('runId', runId)}`, times, async (aborted) => {
      const run = await this.get(runId, { signal: aborted });
      if (run.status === 'FAILED' || run.status === 'CANCELLED') {
        const why = run.errorMessage === null ? '' : `: ${run.errorMessage}`;
        throw new EvaluationError(run.id, `evaluation ${run.id} ended with ${run.status}${why}`);
      }
      if (run.status !== 'COMPLETED') return { missed: `not complete (it is ${run.status})` };
      return { found: { run, scores: usable(run, wanted, await this.scores(runId, { signal: aborted })) } };
    });
  }
}

/** @throws TypeError if it is not a list, or empty */
function listOf<T>(name: string, given: readonly T[] | undefined): readonly T[] {
  if (!Array.isArray(given))
    throw new TypeError(
      `${name}: expected an array, as in create({ traceIds: […], metrics: […] }), got ${typeof given}`,
    );
  if (given.length === 0) throw new TypeError(`${name}: expected at least one, got none`);
  return given;
}

/** @throws EvaluationError if a wanted pair has no usable score, or more than one */
function usable(run: EvaluationRun, wanted: EvaluationError['missing'], scores: StoredScore[]): StoredScore[] {
  const missing = wanted.filter(({ traceId, metric }) => {
    const found = scores.filter((score) => score.traceId.toLowerCase() === traceId && score.name === metric);
    return found.length !== 1 || found[0]?.status !== 'SUCCESS' || found[0].value === null;
  });
  if (missing.length === 0) return scores;
  const first = missing[0];
  const message = `evaluation ${run.id} has no usable score for ${missing.length} of ${wanted.length}, such as ${first?.metric} of ${first?.traceId}`;
  throw new EvaluationError(run.id, message, missing);
}
