import { granularities, sessionBuckets, tokenBuckets, topModels, traceBuckets } from '../store/analytics.js';
import { groupBuckets, traceGroups } from '../store/group-buckets.js';
import { scoreDistribution, scoreSummary, scoreTrend } from '../store/score-analytics.js';
import type { Query } from '../wire/query.js';
import { answer } from './answer.js';
import { type Handler, readQuery } from './call.js';

/** What `GET /traces/analytics` can count. Source: OpenAPI, `AnalyticsMetric`. */
const metrics = ['volume', 'errors', 'latency', 'cost', 'tokens', 'models'] as const;

/** `GET /traces/analytics` */
export const getTraceAnalytics: Handler = (call) => {
  const { metric, granularity, span } = readQuery(call, (query) => ({
    metric: query.oneOf('metric', metrics) ?? 'volume',
    ...bucketsOf(query),
  }));
  const { database, index } = call.store;
  const { key } = call.project;
  if (metric === 'models') return answer(200, topModels(database, key, span, index.pending() === 0));
  const counted = metric === 'cost' || metric === 'tokens' ? tokenBuckets : traceBuckets;
  return answer(200, counted(database, key, granularity, span));
};

/** `GET /local/traces/buckets`: traces over time, for each release or environment. */
export const getGroupBuckets: Handler = (call) => {
  const { by, granularity, span } = readQuery(call, (query) => ({
    by: query.oneOf('by', traceGroups) ?? ('release' as const),
    ...bucketsOf(query),
  }));
  return answer(200, { items: groupBuckets(call.store.database, call.project.key, by, granularity, span) });
};

/** `GET /sessions/analytics` */
export const getSessionAnalytics: Handler = (call) => {
  const { granularity, span } = readQuery(call, bucketsOf);
  return answer(200, sessionBuckets(call.store.database, call.project.key, granularity, span));
};

/** `GET /evaluations/analytics/trace-scores/summary` */
export const getScoreSummary: Handler = (call) => {
  const filter = readQuery(call, createdIn);
  return answer(200, scoreSummary(call.store.database, call.project, filter));
};

/** `GET /evaluations/analytics/trace-scores/trend` */
export const getScoreTrend: Handler = (call) => {
  const { granularity, filter } = readQuery(call, (query) => ({
    granularity: query.oneOf('granularity', granularities) ?? 'day',
    filter: { name: query.required('metric_name'), ...createdIn(query) },
  }));
  return answer(200, scoreTrend(call.store.database, call.project, granularity, filter));
};

/** `GET /evaluations/analytics/trace-scores/distribution` */
export const getScoreDistribution: Handler = (call) => {
  const { buckets, filter } = readQuery(call, (query) => ({
    buckets: query.whole('buckets', { min: 1, max: 100, preset: 10 }),
    filter: { name: query.required('metric_name'), ...createdIn(query) },
  }));
  return answer(200, scoreDistribution(call.store.database, call.project, buckets, filter));
};

function bucketsOf(query: Query) {
  return {
    granularity: query.oneOf('granularity', granularities) ?? ('day' as const),
    span: { after: query.requiredTime('started_after'), before: query.requiredTime('started_before') },
  };
}

function createdIn(query: Query) {
  return { from: query.time('date_from'), to: query.time('date_to') };
}
