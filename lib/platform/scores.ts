import type { ScoreDataType } from '../model/kinds.js';
import type { CallOptions, Calls } from './calls.js';
import { idText, type PageOptions, pageParams, timeText } from './paging.js';
import { type Page, readList, readPage, type StoredScore } from './shapes.js';

/** Selects and limits scores. */
export interface ListScoresOptions extends PageOptions, CallOptions {
  readonly traceId?: string | undefined;
  /** The exact name. */
  readonly name?: string | undefined;
  readonly source?: StoredScore['source'] | undefined;
  readonly status?: StoredScore['status'] | undefined;
  readonly dataType?: ScoreDataType | undefined;
  /** Only scores of this evaluation. */
  readonly evalRunId?: string | undefined;
  /** Only scores of traces in this environment. */
  readonly environment?: string | undefined;
  /** Only scores made at this time or later. */
  readonly from?: Date | string | undefined;
  /** Only scores made before this time. */
  readonly to?: Date | string | undefined;
}

const needed = ['id', 'traceId', 'name', 'status'] as const;

/** Reads the scores of a project's traces. To add a score, use `score()` of the main entry, which delivers it like a trace. */
export class Scores {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** The latest score of each name of a trace. */
  async get(traceId: string, options?: CallOptions): Promise<StoredScore[]> {
    const path = `/evaluations/trace-scores/${idText('traceId', traceId)}`;
    return readList<StoredScore>(`GET ${path}`, await this.#calls.get(path, {}, options), needed);
  }

  /** One page of the scores, the latest first. */
  async list(options: ListScoresOptions = {}): Promise<Page<StoredScore>> {
    const { traceId, evalRunId, name, source, status, dataType, environment, from, to } = options;
    const params = {
      trace_id: traceId === undefined ? undefined : idText('traceId', traceId),
      eval_run_id: evalRunId === undefined ? undefined : idText('evalRunId', evalRunId),
      ...{ name, source, status, data_type: dataType, environment },
      ...{ date_from: timeText('from', from), date_to: timeText('to', to) },
      ...pageParams(options),
    };
    const path = '/evaluations/trace-scores';
    return readPage<StoredScore>(`GET ${path}`, await this.#calls.get(path, params, options), needed);
  }
}
