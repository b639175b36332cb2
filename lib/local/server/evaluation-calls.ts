import { granularities } from '../store/analytics.js';
import { parseUuid } from '../wire/fields.js';
import type { Query } from '../wire/query.js';
import { ScoreSource, ScoreStatus } from '../wire/scores.js';
import { answer, refusal } from './answer.js';
import { type ApiCall, type Handler, pathId, readQuery } from './call.js';

/** Source: OpenAPI, `EvaluationStatus`. */
const runStatuses = ['PENDING', 'RUNNING', 'COMPLETED', 'FAILED'] as const;
/** Source: OpenAPI, `MonitorStatus`. */
const monitorStatuses = ['ACTIVE', 'PAUSED'] as const;

/** Answers an empty list. `read` checks the parameters. */
function emptyList(read: (query: Query) => unknown = () => undefined): Handler {
  return (call) => {
    readQuery(call, read);
    return answer(200, []);
  };
}

/** Answers an empty page of a list. */
function emptyPage(read: (query: Query) => unknown = () => undefined, maxLimit = 200, preset = 50): Handler {
  return (call) => {
    const { page } = readQuery(call, (query) => ({ read: read(query), page: query.page(maxLimit, preset) }));
    return answer(200, { items: [], total: 0, ...page });
  };
}

/** Answers 404 for every id. */
function notFound(what: string, name: string): Handler {
  return (call: ApiCall) => refusal(404, `${what} ${pathId(call, name)} not found.`);
}

const created = (query: Query) => [query.time('date_from'), query.time('date_to')];
const ofMetric = (query: Query) => [query.required('metric_name'), ...created(query)];
const ofRunStatus = (query: Query) => query.oneOf('status', runStatuses);
const noRun = notFound('Evaluation run', 'run_id');
const noMonitor = notFound('Monitor', 'monitor_id');

/** There are no metrics here, so none has a template. */
const noTemplate: Handler = (call) =>
  refusal(404, `Metric '${readQuery(call, (query) => query.required('metric'))}' not found.`);

/**
 * Answers these calls as the platform does before anything was evaluated. No judge runs here, so there are no metrics, runs,
 * monitors or scores of sessions; but clients of the platform may ask for them.
 */
export const evaluationCalls: Readonly<Record<string, Handler>> = {
  'GET /evaluations/providers': emptyList(),
  'GET /evaluations/trace-metrics': emptyList(),
  'GET /evaluations/trace-runs/template': noTemplate,
  'GET /evaluations/trace-runs': emptyPage(ofRunStatus),
  'GET /evaluations/trace-runs/{run_id}': noRun,
  'DELETE /evaluations/trace-runs/{run_id}': noRun,
  'POST /evaluations/trace-runs/{run_id}/retry': noRun,
  'GET /evaluations/trace-runs/{run_id}/scores': noRun,
  'GET /evaluations/session-metrics': emptyList(),
  'GET /evaluations/session-runs': emptyPage(ofRunStatus),
  'GET /evaluations/session-runs/{run_id}': noRun,
  'DELETE /evaluations/session-runs/{run_id}': noRun,
  'POST /evaluations/session-runs/{run_id}/retry': noRun,
  'GET /evaluations/session-runs/{run_id}/scores': noRun,
  'GET /evaluations/session-scores': emptyPage((query) => [
    query.oneOf('source', Object.keys(ScoreSource)),
    query.oneOf('status', Object.keys(ScoreStatus)),
    query.id('eval_run_id', parseUuid),
    ...created(query),
  ]),
  'GET /evaluations/session-scores/{session_id}': emptyList(),
  'DELETE /evaluations/session-scores/{score_id}': notFound('Session score', 'score_id'),
  'GET /evaluations/analytics/session-scores/summary': emptyList(created),
  'GET /evaluations/analytics/session-scores/trend': emptyList((query) => [
    query.oneOf('granularity', granularities),
    ...ofMetric(query),
  ]),
  'GET /evaluations/analytics/session-scores/distribution': emptyList((query) => [
    query.whole('buckets', { min: 1, max: 100, preset: 10 }),
    ...ofMetric(query),
  ]),
  'GET /evaluations/analytics/session-scores/history/{session_id}': emptyList((query) =>
    query.whole('limit', { min: 1, max: 200, preset: 50 }),
  ),
  'GET /evaluations/analytics/session-scores/comparison': emptyPage((query) => query.required('metric_name'), 100, 20),
  'GET /evaluations/monitors': emptyPage((query) => query.oneOf('status', monitorStatuses)),
  'GET /evaluations/monitors/{monitor_id}': noMonitor,
  'PATCH /evaluations/monitors/{monitor_id}': noMonitor,
  'DELETE /evaluations/monitors/{monitor_id}': noMonitor,
  'POST /evaluations/monitors/{monitor_id}/pause': noMonitor,
  'POST /evaluations/monitors/{monitor_id}/resume': noMonitor,
  'POST /evaluations/monitors/{monitor_id}/trigger': noMonitor,
  'GET /evaluations/monitors/{monitor_id}/runs': noMonitor,
};
