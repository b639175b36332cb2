import { formatTime } from '../wire/time.js';
import { getGroupBuckets } from './analytics-calls.js';
import { type Answer, answer, refusal } from './answer.js';
import { postExport, postImport } from './bulk-calls.js';
import type { Handler } from './call.js';
import { getFoundTraces, getStepGroups, getSteps } from './search-calls.js';
import { deleteSession, getSession } from './session-calls.js';

/**
 * The calls of the viewer and the command line that the backend does not have. A session is named by a parameter, because its id
 * may have a slash.
 */
export const localCalls: Readonly<Record<string, Handler>> = {
  'GET /local/projects': ({ store }) =>
    answer(200, {
      items: store.projects.list().map(({ newest, ...project }) => {
        return { ...project, last_trace_at: newest === null ? null : formatTime(newest) };
      }),
    }),
  'DELETE /local/project': async ({ store, project }) => answer(200, { deleted: await store.removeProject(project) }),
  'GET /local/session': (call) => getSession({ ...call, path: sessionOf(call.params) }),
  'DELETE /local/session': (call) => deleteSession({ ...call, path: sessionOf(call.params) }),
  'POST /local/import': postImport,
  'POST /local/export': postExport,
  'GET /local/traces': getFoundTraces,
  'GET /local/traces/buckets': getGroupBuckets,
  'GET /local/steps': getSteps,
  'GET /local/steps/groups': getStepGroups,
};

/** The call that creates its project if it does not exist. */
export const writingCall = 'POST /local/import';

/** The calls that need no project. */
export const withoutProject: ReadonlySet<string> = new Set(['GET /local/projects']);

function sessionOf(params: URLSearchParams): Record<string, string> {
  return { session_id: params.get('session_id') ?? '' };
}

/** The answer for an unknown call: 405 if the path has other methods, else 404. */
export function noLocalCall(path: string): Answer {
  const others = ['GET /local/info', 'GET /local/events', ...Object.keys(localCalls)];
  const allowed = others.filter((call) => call.endsWith(` ${path}`)).map((call) => call.split(' ')[0]);
  if (allowed.length === 0) return refusal(404, 'Not Found');
  return refusal(405, 'Method Not Allowed', { Allow: allowed.join(', ') });
}
