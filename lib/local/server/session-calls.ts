import { listSessions, readSession, sessionSorts } from '../store/sessions.js';
import { sortOrders } from '../store/trace-list.js';
import { answer, answerText, refusal } from './answer.js';
import { type ApiCall, type Handler, readQuery } from './call.js';

/** `GET /sessions` */
export const getSessions: Handler = (call) => {
  const { filter, sort, page } = readQuery(call, (query) => ({
    filter: {
      userId: query.text('user_id'),
      hasError: query.boolean('has_error'),
      startedAfter: query.time('started_after'),
      startedBefore: query.time('started_before'),
      tags: query.texts('tags'),
      query: query.text('query'),
    },
    sort: {
      by: query.oneOf('sort_by', sessionSorts) ?? 'recent',
      order: query.oneOf('sort_order', sortOrders) ?? 'desc',
    },
    page: query.page(),
  }));
  return answer(200, { ...listSessions(call.store.database, call.project.key, filter, sort, page), ...page });
};

/** `GET /sessions/{session_id}` */
export const getSession: Handler = (call) => {
  const sessionId = idOf(call);
  const page = readQuery(call, (query) => query.page(1000, 200));
  const session = readSession(call.store.database, call.project.key, sessionId);
  if (session === undefined) return noSession(sessionId);
  const traces = call.store.readSessionTraces(call.project, sessionId, page);
  return answerText(200, `${JSON.stringify(session).slice(0, -1)},"traces":[${traces.join(',')}]}`);
};

/** `DELETE /sessions/{session_id}` */
export const deleteSession: Handler = async (call) => {
  const sessionId = idOf(call);
  const deleted = await call.store.removeSession(call.project, sessionId);
  return deleted === 0 ? noSession(sessionId) : answer(200, { deleted });
};

function idOf(call: ApiCall): string {
  return call.path.session_id ?? '';
}

function noSession(sessionId: string) {
  return refusal(404, `Session '${sessionId}' not found.`);
}
