import { newId } from '../../common/ids.js';
import { TraceStatus } from '../../model/kinds.js';
import { listUsers } from '../store/analytics.js';
import { isPackable } from '../store/packed-trace.js';
import { listTraces, sortOrders, traceSorts } from '../store/trace-list.js';
import { type BodyFields, checkListLength, parseUuid } from '../wire/fields.js';
import type { Issues } from '../wire/issues.js';
import { objectFields, readSpanChange, readSpans, readTrace, readTraceChange } from '../wire/records.js';
import { answer, answerText, noTrace, refusal } from './answer.js';
import { type Handler, pathId, readBody, readQuery } from './call.js';

/** `POST /traces` */
export const postTrace: Handler = async (call) => {
  const trace = readBody(call, readTrace);
  await call.store.putTrace(call.project, trace, isPackable(call.body, trace) ? call.text : null);
  return answer(202, { trace_id: trace.trace_id, task_id: newId() });
};

/** `GET /traces` */
export const getTraces: Handler = (call) => {
  const { filter, sort, page } = readQuery(call, (query) => ({
    filter: {
      sessionId: query.text('session_id'),
      status: query.oneOf('status', Object.keys(TraceStatus)),
      userId: query.text('user_id'),
      tags: query.texts('tags'),
      name: query.text('name'),
      startedAfter: query.time('started_after'),
      startedBefore: query.time('started_before'),
    },
    sort: {
      by: query.oneOf('sort_by', traceSorts) ?? 'started_at',
      order: query.oneOf('sort_order', sortOrders) ?? 'desc',
    },
    page: query.page(),
  }));
  return answer(200, { ...listTraces(call.store.database, call.project.key, filter, sort, page), ...page });
};

/** `GET /traces/users` */
export const getUsers: Handler = (call) => {
  const page = readQuery(call, (query) => query.page());
  return answer(200, { ...listUsers(call.store.database, call.project.key, page), ...page });
};

/** `GET /traces/{trace_id}` */
export const getTrace: Handler = (call) => {
  const traceId = pathId(call, 'trace_id');
  const json = call.store.readTrace(call.project, traceId);
  return json === undefined ? noTrace(traceId) : answerText(200, json);
};

/** `PATCH /traces/{trace_id}` */
export const patchTrace: Handler = async (call) => {
  const traceId = pathId(call, 'trace_id');
  const json = await call.store.changeTrace(call.project, traceId, readBody(call, readTraceChange));
  return json === undefined ? noTrace(traceId) : answerText(200, json);
};

/** `DELETE /traces/{trace_id}` */
export const deleteTrace: Handler = async (call) => {
  const traceId = pathId(call, 'trace_id');
  return (await call.store.removeTraces(call.project, [traceId])) === 0 ? noTrace(traceId) : { status: 204 };
};

/** `POST /traces/{trace_id}/spans` */
export const postSpans: Handler = async (call) => {
  const traceId = pathId(call, 'trace_id');
  const spans = readBody(call, readSpans);
  if (!(await call.store.addSpans(call.project, traceId, spans))) return noTrace(traceId);
  return answer(201, { span_ids: spans.map((span) => span.span_id) });
};

/** `PATCH /traces/{trace_id}/spans/{span_id}` */
export const patchSpan: Handler = async (call) => {
  const traceId = pathId(call, 'trace_id');
  const spanId = pathId(call, 'span_id');
  const span = await call.store.changeSpan(call.project, traceId, spanId, readBody(call, readSpanChange));
  return span === undefined ? refusal(404, `Span ${spanId} not found on trace ${traceId}.`) : answer(200, span);
};

/** `POST /traces/batch/delete` */
export const postBatchDelete: Handler = async (call) => {
  const traceIds = readBody(call, readOnlyTraceIds);
  return answer(200, { deleted: await call.store.removeTraces(call.project, traceIds) });
};

/** `POST /traces/batch/tags` */
export const postBatchTags: Handler = async (call) => {
  const { traceIds, add, remove } = readBody(call, (body, issues) => {
    const fields = objectFields(body, '', issues);
    return {
      traceIds: readTraceIds(fields, issues),
      add: fields?.textsOrEmpty('add_tags') ?? [],
      remove: fields?.textsOrEmpty('remove_tags') ?? [],
    };
  });
  if (add.length === 0 && remove.length === 0) return answer(200, { updated: 0 });
  return answer(200, { updated: await call.store.changeTags(call.project, traceIds, add, remove) });
};

const maxBatch = 500;

/** Reads a body that has `trace_ids`. */
export function readOnlyTraceIds(body: unknown, issues: Issues): string[] {
  return readTraceIds(objectFields(body, '', issues), issues);
}

function readTraceIds(fields: BodyFields | undefined, issues: Issues): string[] {
  const list = fields?.json('trace_ids');
  if (!Array.isArray(list)) {
    if (fields !== undefined) {
      issues.add('', 'trace_ids', list === undefined ? 'Field required' : 'Input should be a valid list');
    }
    return [];
  }
  const fault = checkListLength(list, 1, maxBatch);
  if (fault !== undefined) issues.add('', 'trace_ids', fault);
  return list.map((each: unknown, at) => {
    const id = parseUuid(each);
    if (id === undefined) issues.add('trace_ids', at, 'Input should be a valid UUID');
    return id ?? '';
  });
}
