import { silentLog } from '../../common/log.js';
import { createCapture } from '../../model/capture-values.js';
import { maxSpansPerRequest } from '../../model/limits.js';
import type { SpanRecord, TraceRecord } from '../../model/records.js';
import { traceDataRecord } from '../../model/trace-data-record.js';
import type { ReadTrace } from '../../otel/reading/trace-values.js';
import type { TraceValues } from '../../otel/values.js';
import type { Project } from '../store/projects.js';
import type { Store } from '../store/store.js';
import { Issues } from '../wire/issues.js';
import { readSpans, readTrace } from '../wire/records.js';

/** Most bytes of one value: as many as a request may have, so that every value is shown whole. */
const maxValueBytes = 8 * 1024 * 1024;

const capture = createCapture({ maxValueBytes, log: silentLog });

/**
 * Stores spans of one trace. If the root is among them, they are the trace. Otherwise they are added to the trace, whatever project
 * it is in. A trace that is not known yet gets the name of its first span until the root comes; it is RUNNING, unless the spans are
 * a process's whole part of the trace. Fields that the platform would refuse are repaired.
 * @returns why the spans could not be stored; undefined if they were
 */
export async function storeOtlpTrace(
  store: Store,
  project: Project,
  trace: TraceValues,
  root: ReadTrace['root'],
): Promise<string | undefined> {
  const { spans, ...record } = traceDataRecord(trace, capture, silentLog);
  const bodies = spans.map(spanBody);
  const issues = new Issues();
  const head = readTrace(traceBody(record, root !== 'none'), issues);
  const parts: ReturnType<typeof readSpans>[] = [];
  for (let at = 0; at < bodies.length; at += maxSpansPerRequest) {
    parts.push(readSpans(bodies.slice(at, at + maxSpansPerRequest), issues));
  }
  const [issue] = issues.list;
  if (head === undefined || issue !== undefined) return `${issue?.field}: ${issue?.message}`;
  const [first = [], ...rest] = parts;
  await inTurn(store, head.trace_id, async () => {
    const home = store.projects.ofTrace(head.trace_id) ?? project;
    const isAdded = root !== 'own' && (await store.addSpans(home, head.trace_id, first));
    if (!isAdded) await store.putTrace(home, { ...head, spans: first }, null);
    for (const part of rest) await store.addSpans(home, head.trace_id, part);
  });
  return undefined;
}

/** The last pending write of each trace. */
const writes = new WeakMap<Store, Map<string, Promise<void>>>();

/**
 * Runs the writes of one trace one after the other, because an exporter sends requests in parallel. A part without the root first
 * asks whether the trace exists, and then writes a preliminary trace. The root must not be written in between, because the
 * preliminary trace would overwrite it.
 */
async function inTurn(store: Store, traceId: string, write: () => Promise<void>): Promise<void> {
  const running = writes.get(store) ?? new Map<string, Promise<void>>();
  writes.set(store, running);
  const before = running.get(traceId);
  const own = before === undefined ? write() : before.then(write, write);
  running.set(traceId, own);
  try {
    await own;
  } finally {
    if (running.get(traceId) === own) running.delete(traceId);
  }
}

/** The body of a trace. Without the root, its end, input and output are not known. */
function traceBody(record: Omit<TraceRecord, 'spans'>, isKnown: boolean): object {
  return omitUndefined({
    ...{ trace_id: record.traceId, name: record.name, status: isKnown ? record.status : 'RUNNING' },
    started_at: isoTime(record.startedAt),
    ended_at: isKnown ? isoTime(record.endedAt) : undefined,
    ...{ session_id: record.sessionId, user_id: record.userId, tags: record.tags },
    ...{ environment: record.environment, release: record.release },
    metadata: value(record.metadata),
    input: isKnown ? value(record.input) : undefined,
    output: isKnown ? value(record.output) : undefined,
  });
}

function spanBody(span: SpanRecord): object {
  return omitUndefined({
    ...{ span_id: span.spanId, parent_span_id: span.parentSpanId, name: span.name, kind: span.kind },
    ...{ status: span.status, model: span.model, error: span.error },
    started_at: isoTime(span.startedAt),
    ended_at: isoTime(span.endedAt),
    completion_start_time: isoTime(span.completionStartTime),
    input: value(span.input),
    output: value(span.output),
    metadata: value(span.metadata),
    model_parameters: value(span.modelParameters),
    token_usage: value(span.tokenUsage),
    cost: value(span.cost),
  });
}

function omitUndefined(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, each]) => each !== undefined));
}

function value(json: string | undefined): unknown {
  return json === undefined ? undefined : JSON.parse(json);
}

/** A time in milliseconds, with its microseconds, as text. */
function isoTime(ms: number | undefined): string | undefined {
  if (ms === undefined) return undefined;
  const micros = Math.round(ms * 1000);
  const fraction = ((micros % 1000) + 1000) % 1000;
  return `${new Date((micros - fraction) / 1000).toISOString().slice(0, -1)}${String(fraction).padStart(3, '0')}Z`;
}
