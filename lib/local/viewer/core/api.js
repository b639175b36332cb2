// The server's calls. Nothing else of the viewer talks to the network, apart from live.js.

import { remember, remembered } from './storage.js';

/** @import {Bucket, FoundRow, GroupBucket, GroupRow, ModelRow, Page, Project, ReadAnswer, Score, SessionDetail, SessionRow, StepRow, TokenBucket, Trace} from '../shapes.js' */

/** The server refused a request, or did not answer (`status` 0). */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const keyName = 'pandaprobe.key';
const projectName = 'pandaprobe.project';

/** The project that is shown; empty until one is known. */
export let project = remembered(projectName) ?? '';

/** @param {string} name */
export function setProject(name) {
  project = name;
  remember(projectName, name);
}

/** Sets the key, which only a server that was started with one checks. It is forgotten when the tab closes.
 * @param {string} key
 */
export function setKey(key) {
  remember(keyName, key, () => sessionStorage);
}

export function hasKey() {
  return remembered(keyName, () => sessionStorage) !== null;
}

/** @param {string} [of] the project, if it is not the one that is looked at @returns {Record<string, string>} */
export function headers(of = project) {
  const key = remembered(keyName, () => sessionStorage) ?? 'local';
  return of === '' ? { 'X-API-Key': key } : { 'X-API-Key': key, 'X-Project-Name': of };
}

/**
 * @param {string} path
 * @param {Record<string, string | number | readonly string[] | undefined>} [params] empty ones are left out
 * @param {AbortSignal} [signal]
 * @param {string} [of] another project
 * @returns {Promise<unknown>}
 */
function get(path, params = {}, signal = undefined, of = project) {
  return call('GET', path, params, signal, of);
}

/**
 * @param {'GET' | 'POST' | 'DELETE'} method
 * @param {string} path
 * @param {Record<string, string | number | readonly string[] | undefined>} [params]
 * @param {AbortSignal} [signal]
 * @param {string} [of]
 * @param {object} [sent]
 * @returns {Promise<unknown>}
 */
async function call(method, path, params = {}, signal = undefined, of = project, sent = undefined) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    const values = Array.isArray(value) ? value : [value];
    for (const each of values) if (each !== undefined && each !== '') query.append(name, String(each));
  }
  const target = query.size === 0 ? path : `${path}?${query}`;
  const answer = await ((method === 'GET' ? takeEarly(target, of) : undefined) ??
    ask(method, target, headers(of), signal, sent));
  signal?.throwIfAborted();
  if (answer === undefined) throw new ApiError(0, 'The server does not answer. Is it still running?');
  if (answer.ok) return answer.body;
  const body = /** @type {any} */ (answer.body); // unknown shape: read field by field below
  const errors = Array.isArray(body?.errors)
    ? body.errors.map((/** @type {any} */ e) => `${e.field}: ${e.message}`)
    : [];
  throw new ApiError(answer.status, [body?.detail ?? `The server answered ${answer.status}.`, ...errors].join('\n'));
}

/**
 * @param {string} method
 * @param {string} target
 * @param {Record<string, string>} headers
 * @param {AbortSignal | undefined} signal
 * @param {object | undefined} sent
 * @returns {Promise<ReadAnswer | undefined>} undefined when the server does not answer
 */
async function ask(method, target, headers, signal, sent) {
  try {
    const answer = await fetch(target, {
      method,
      signal: signal ?? null,
      headers: sent === undefined ? headers : { ...headers, 'Content-Type': 'application/json' },
      body: sent === undefined ? null : JSON.stringify(sent),
    });
    const body = await answer.json().catch((error) => {
      // A cut answer counts as none; an answer without JSON is one.
      if (!(error instanceof SyntaxError)) throw error;
    });
    return { ok: answer.ok, status: answer.status, body };
  } catch {
    return undefined;
  }
}

/**
 * The answers to requests that early.js made before the modules were loaded. Each is used once: a later request must get fresh data.
 *
 * @param {string} target
 * @param {string} of the project
 */
function takeEarly(target, of) {
  const early = window.pandaprobeEarly;
  const answer = early?.project === of ? early.answers.get(target) : undefined;
  early?.answers.delete(target);
  return answer;
}

// The server guarantees these shapes; they are not checked here.
export const api = {
  /** @returns {Promise<{items: Project[]}>} */
  projects: () => /** @type {any} */ (get('/local/projects')),
  /** @param {Record<string, string | number | readonly string[] | undefined>} params @param {AbortSignal} [signal] @returns {Promise<Page<FoundRow>>} */
  traces: (params, signal) => /** @type {any} */ (get('/local/traces', params, signal)),
  /** @param {Record<string, string | number | readonly string[] | undefined>} params @param {AbortSignal} [signal] @returns {Promise<Page<StepRow>>} */
  steps: (params, signal) => /** @type {any} */ (get('/local/steps', params, signal)),
  /** @param {Record<string, string | number | readonly string[] | undefined>} params @param {AbortSignal} [signal] @returns {Promise<{items: GroupRow[]}>} */
  stepGroups: (params, signal) => /** @type {any} */ (get('/local/steps/groups', params, signal)),
  /** @param {Record<string, string>} params @param {AbortSignal} [signal] @returns {Promise<{items: GroupBucket[]}>} */
  groupBuckets: (params, signal) => /** @type {any} */ (get('/local/traces/buckets', params, signal)),
  /** @param {{trace_id: string, name: string, value: string, data_type: string, reason: string | null}} score */
  addScore: (score) =>
    call('POST', '/evaluations/trace-scores', {}, undefined, project, { ...score, source: 'ANNOTATION' }),
  /** @param {string} id */
  removeTrace: (id) => call('DELETE', `/traces/${encodeURIComponent(id)}`),
  /** @param {string} id */
  removeSession: (id) => call('DELETE', '/local/session', { session_id: id }),
  removeProject: () => call('DELETE', '/local/project'),
  /** @param {string} id @param {AbortSignal} [signal] @param {string} [of] another project @returns {Promise<Trace>} */
  trace: (id, signal, of) => /** @type {any} */ (get(`/traces/${encodeURIComponent(id)}`, {}, signal, of)),
  /** @param {string} id @param {AbortSignal} [signal] @returns {Promise<Score[]>} */
  scores: (id, signal) => /** @type {any} */ (get(`/evaluations/trace-scores/${encodeURIComponent(id)}`, {}, signal)),
  /** @param {Record<string, string | number | readonly string[] | undefined>} params @param {AbortSignal} [signal] @returns {Promise<Page<SessionRow>>} */
  sessions: (params, signal) => /** @type {any} */ (get('/sessions', params, signal)),
  /**
   * The platform's own call cannot name a session with a slash. Gives `limit` of its traces, from the `offset`th, oldest first.
   *
   * @param {string} id @param {number} offset @param {number} limit @param {AbortSignal} [signal] @returns {Promise<SessionDetail>}
   */
  session: (id, offset, limit, signal) =>
    /** @type {any} */ (get('/local/session', { session_id: id, offset, limit }, signal)),
  /** @param {Record<string, string>} params @param {AbortSignal} [signal] The fields of one of the three, as the metric is. @returns {Promise<(Bucket & TokenBucket & ModelRow)[]>} */
  analytics: (params, signal) => /** @type {any} */ (get('/traces/analytics', params, signal)),
};
