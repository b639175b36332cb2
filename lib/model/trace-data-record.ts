import { types } from '../common/builtins.js';
import { errorText } from '../common/error-text.js';
import { newId, parseId } from '../common/ids.js';
import type { Log } from '../common/log.js';
import { wallMs } from '../common/real-time.js';
import type { Capture, CaptureField } from './capture-values.js';
import { SpanKind, SpanStatusCode, TraceStatus } from './kinds.js';
import { isTime, maxLabelChars } from './limits.js';
import { objectJson } from './object-json.js';
import type { JsonText, SpanRecord, TraceRecord } from './records.js';
import { limitText, mendName } from './text.js';
import type { SpanData, TraceData } from './trace-data.js';
import { costJson, tokenUsageJson } from './usage.js';

/** The fields of a TraceData or SpanData as they really are: callers without types put anything there. */
type Fields<T> = { readonly [K in keyof T]?: unknown };

/**
 * `trace` as a record. What the backend would refuse is mended with a warning: a wrong id becomes a new one (its children
 * follow), a wrong time is left out or takes the next best one, a name or label is cut. Never throws.
 */
export function traceDataRecord(trace: TraceData, capture: Capture, log: Log): TraceRecord {
  const data = fieldsOf<TraceData>(trace, log);
  const name = mendName(masked(data.name, 'name', capture), 'trace', (fault) => warn(log, `a trace name is ${fault}`));
  const json = (value: unknown, field: CaptureField) => given(value, (some) => capture.value(some, field, name));
  const label = (value: unknown, field: CaptureField) =>
    labelText(value, log, (text) => capture.text(text, field, name));
  const endedAt = time(data.endedAt, 'ended at', log);
  const startedAt = time(data.startedAt, 'started at', log, endedAt ?? wallMs()) ?? wallMs();
  return {
    traceId: ownId(data.traceId, log),
    name,
    status: oneOf(TraceStatus, data.status, 'COMPLETED', log),
    startedAt,
    endedAt: notBefore(startedAt, endedAt, log),
    input: json(data.input, 'input'),
    output: json(data.output, 'output'),
    metadata: objectField(json(data.metadata, 'metadata')),
    sessionId: label(data.sessionId, 'sessionId'),
    userId: label(data.userId, 'userId'),
    tags: list(data.tags).flatMap((tag) => label(tag, 'tags') ?? []),
    environment: label(data.environment, 'environment'),
    release: label(data.release, 'release'),
    spans: spanRecords(list(data.spans), name, startedAt, capture, log),
  };
}

/** `span` as a record, mended like a trace's spans. */
export function spanDataRecord(span: SpanData, capture: Capture, log: Log): SpanRecord | undefined {
  return spanRecords([span], '', undefined, capture, log)[0];
}

function spanRecords(
  spans: readonly unknown[],
  traceName: string,
  traceStart: number | undefined,
  capture: Capture,
  log: Log,
): SpanRecord[] {
  const datas = spans.map((span) => fieldsOf<SpanData>(span, log));
  // First all own ids, then the parents: a child may stand before its parent.
  const known = new Map<unknown, string>();
  const taken = new Set<string>();
  const ids = datas.map((data) => {
    let id = ownId(data.spanId, log);
    if (taken.has(id)) {
      warn(log, 'two spans have the same id');
      id = newId();
    }
    taken.add(id);
    const key = parseId(data.spanId) ?? data.spanId;
    if (!known.has(key)) known.set(key, id);
    return id;
  });
  return datas.map((data, at) => {
    const spanId = ids[at] ?? newId();
    return spanRecord(
      data,
      spanId,
      parentId(data.parentSpanId, spanId, known, log),
      traceName,
      traceStart,
      capture,
      log,
    );
  });
}

function spanRecord(
  data: Fields<SpanData>,
  spanId: string,
  parentSpanId: string | undefined,
  traceName: string,
  traceStart: number | undefined,
  capture: Capture,
  log: Log,
): SpanRecord {
  const kind = oneOf(SpanKind, data.kind, 'OTHER', log);
  const rawName = masked(data.name, 'name', capture, traceName, kind);
  const name = mendName(rawName, 'span', (fault) => warn(log, `a span name is ${fault}`));
  const json = (value: unknown, field: CaptureField) =>
    given(value, (some) => capture.value(some, field, traceName, name, kind));
  const endedAt = time(data.endedAt, 'ended at', log);
  const startedAt = time(data.startedAt, 'started at', log, endedAt ?? traceStart ?? wallMs()) ?? wallMs();
  return {
    spanId,
    parentSpanId,
    name,
    kind,
    status: oneOf(SpanStatusCode, data.status, 'UNSET', log),
    startedAt,
    endedAt: notBefore(startedAt, endedAt, log),
    completionStartTime: time(data.completionStartTime, 'completion start', log),
    model: labelText(data.model, log, (text) => capture.text(text, 'model', traceName, name, kind)),
    error: given(data.error, (some) => capture.text(errorText(some), 'error', traceName, name, kind)),
    input: json(data.input, 'input'),
    output: json(data.output, 'output'),
    metadata: objectField(json(data.metadata, 'metadata')),
    modelParameters: objectField(json(data.modelParameters, 'modelParameters')),
    tokenUsage: tokenUsageJson(data.tokenUsage, log),
    cost: costJson(data.cost, log),
  };
}

function fieldsOf<T extends object>(data: unknown, log: Log): Fields<T> {
  try {
    if (typeof data === 'object' && data !== null) return { ...(data as T) };
  } catch {
    // Falls through to the warning.
  }
  warn(log, 'a trace or span cannot be read');
  return {};
}

function given<T>(value: unknown, use: (value: unknown) => T): T | undefined {
  return value === undefined || value === null ? undefined : use(value);
}

function list(value: unknown): readonly unknown[] {
  try {
    return Array.isArray(value) ? [...value] : []; // a copy: holes become undefined
  } catch {
    return []; // a hostile proxy
  }
}

function objectField(text: JsonText | undefined): JsonText | undefined {
  return text === '{}' ? undefined : objectJson(text);
}

function masked(name: unknown, field: CaptureField, capture: Capture, traceName = '', kind?: SpanKind): unknown {
  if (typeof name !== 'string') return name;
  return kind === undefined ? capture.text(name, field, traceName) : capture.text(name, field, traceName, '', kind);
}

function textOf(value: unknown, capture: (text: string) => string): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  return capture(String(value)) || undefined;
}

function labelText(value: unknown, log: Log, capture: (text: string) => string): string | undefined {
  const text = textOf(value, capture);
  if (text === undefined) return undefined;
  const short = limitText(text, maxLabelChars);
  if (short !== text) warn(log, `a label is longer than ${maxLabelChars} characters and cut`);
  return short;
}

function oneOf<T extends string>(known: Readonly<Record<T, T>>, value: unknown, fallback: T, log: Log): T {
  const upper = typeof value === 'string' ? value.toUpperCase() : undefined;
  if (upper !== undefined && Object.hasOwn(known, upper)) return upper as T; // a key of known, and keys are its values
  if (value !== undefined && value !== null)
    warn(log, `expected one of ${Object.keys(known).join(', ')}; ${fallback} is used`);
  return fallback;
}

function ownId(id: unknown, log: Log): string {
  const own = parseId(id);
  if (own === undefined && id !== undefined && id !== null) warn(log, 'an id is no UUID and replaced by a new one');
  return own ?? newId();
}

function parentId(id: unknown, own: string, known: ReadonlyMap<unknown, string>, log: Log): string | undefined {
  if (id === undefined || id === null || id === '') return undefined;
  const given = parseId(id);
  const parent = known.get(given ?? id) ?? given;
  if (parent !== undefined && parent !== own) return parent;
  warn(log, 'a parent id is not the id of another span; the span becomes a root');
  return undefined;
}

/** A date, a number of milliseconds or a date text → milliseconds, or `fallback` where it is none the backend takes. */
function time(value: unknown, what: string, log: Log, fallback?: number): number | undefined {
  if ((value === undefined || value === null) && fallback === undefined) return undefined;
  const ms = types.isDate(value) ? value.getTime() : typeof value === 'string' ? Date.parse(value) : value;
  if (isTime(ms)) return ms;
  warn(log, `${what} is no date that can be stored, and taken for not given`);
  return fallback;
}

function notBefore(startedAt: number, endedAt: number | undefined, log: Log): number | undefined {
  if (endedAt === undefined || endedAt >= startedAt) return endedAt;
  warn(log, 'an end is before its start and set to it');
  return startedAt;
}

/** The message is the cause too, so that each kind of fault shows once a minute. */
function warn(log: Log, message: string): void {
  log.warn(`trace data: ${message}`, `in a TraceData given to logTrace(): ${message}`);
}
