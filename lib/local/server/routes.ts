import {
  getScoreDistribution,
  getScoreSummary,
  getScoreTrend,
  getSessionAnalytics,
  getTraceAnalytics,
} from './analytics-calls.js';
import type { Handler } from './call.js';
import { evaluationCalls } from './evaluation-calls.js';
import { deleteScore, getScores, getTraceScores, patchScore, postScore } from './score-calls.js';
import { deleteSession, getSession, getSessions } from './session-calls.js';
import {
  deleteTrace,
  getTrace,
  getTraces,
  getUsers,
  patchSpan,
  patchTrace,
  postBatchDelete,
  postBatchTags,
  postSpans,
  postTrace,
} from './trace-calls.js';
import { unsupportedCalls } from './unsupported.js';

/** The calls that are answered as by the backend. If two patterns match, the first counts. */
export const supportedCalls: Readonly<Record<string, Handler>> = {
  'POST /traces': postTrace,
  'GET /traces': getTraces,
  'GET /traces/analytics': getTraceAnalytics,
  'GET /traces/users': getUsers,
  'POST /traces/batch/delete': postBatchDelete,
  'POST /traces/batch/tags': postBatchTags,
  'GET /traces/{trace_id}': getTrace,
  'PATCH /traces/{trace_id}': patchTrace,
  'DELETE /traces/{trace_id}': deleteTrace,
  'POST /traces/{trace_id}/spans': postSpans,
  'PATCH /traces/{trace_id}/spans/{span_id}': patchSpan,
  'GET /sessions': getSessions,
  'GET /sessions/analytics': getSessionAnalytics,
  'GET /sessions/{session_id}': getSession,
  'DELETE /sessions/{session_id}': deleteSession,
  'POST /evaluations/trace-scores': postScore,
  'GET /evaluations/trace-scores': getScores,
  'GET /evaluations/trace-scores/{trace_id}': getTraceScores,
  'PATCH /evaluations/trace-scores/{score_id}': patchScore,
  'DELETE /evaluations/trace-scores/{score_id}': deleteScore,
  'GET /evaluations/analytics/trace-scores/summary': getScoreSummary,
  'GET /evaluations/analytics/trace-scores/trend': getScoreTrend,
  'GET /evaluations/analytics/trace-scores/distribution': getScoreDistribution,
  ...evaluationCalls,
};

/** The result of matching a request. */
type Match =
  | {
      readonly kind: 'supported';
      /** Such as `PATCH /traces/{trace_id}`. */
      readonly call: string;
      readonly handler: Handler;
      readonly path: Readonly<Record<string, string>>;
    }
  /** One of the backend's calls that is not answered here. */
  | { readonly kind: 'unsupported' }
  /** The path is known, under other methods. */
  | { readonly kind: 'wrong-method'; readonly allowed: readonly string[] }
  | { readonly kind: 'unknown' };

interface ApiRoute {
  readonly call: string;
  readonly method: string;
  readonly segments: readonly string[];
  readonly handler: Handler | undefined;
}

const routes: readonly ApiRoute[] = [
  ...Object.entries(supportedCalls),
  ...unsupportedCalls.map((call) => [call, undefined] as const),
].map(([call, handler]) => {
  const [method = '', pattern = ''] = call.split(' ');
  return { call, method, segments: pattern.split('/').slice(1), handler };
});

/**
 * Finds the call that a request makes. `path` is encoded. It is decoded as a whole, like by the platform's router; so it cannot
 * name a session whose id has a slash.
 */
export function matchRoute(method: string, path: string): Match {
  const segments = decoded(path)?.split('/').slice(1) ?? [];
  const allowed = new Set<string>();
  for (const route of routes) {
    const values = valuesOf(route.segments, segments);
    if (values === undefined) continue;
    allowed.add(route.method);
    if (route.method !== method) continue;
    if (route.handler === undefined) return { kind: 'unsupported' };
    return { kind: 'supported', call: route.call, handler: route.handler, path: values };
  }
  return allowed.size > 0 ? { kind: 'wrong-method', allowed: [...allowed] } : { kind: 'unknown' };
}

function valuesOf(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const values: Record<string, string> = {};
  for (const [at, part] of pattern.entries()) {
    const segment = segments[at] ?? '';
    if (!part.startsWith('{')) {
      if (part !== segment) return undefined;
      continue;
    }
    if (segment === '') return undefined;
    values[part.slice(1, -1)] = segment;
  }
  return values;
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
