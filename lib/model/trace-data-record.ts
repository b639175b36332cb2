import { types } from '../common/builtins.js';
import { errorText } from '../common/error-text.js';
import { newId, parseId } from '../common/ids.js';
import type { Log } from '../common/log.js';
import { wallMs } from '../common/real-time.js';
import type { Capture, CaptureField, ValueOwner } from './capture-values.js';
import { SpanKind, SpanStatusCode, TraceStatus } from './kinds.js';
import { isTime, maxLabelChars } from './limits.js';
import { objectJson } from './object-json.js';
import type { JsonText, SpanRecord, TraceRecord } from './records.js';
import { limitText, repairName } from './text.js';
import { costJson, tokenUsageJson } from './usage.js';

/** The fields of a record, unchecked: callers without types may pass anything. */
type DataFields<T> = { readonly [K in keyof T]?: unknown };
/** A trace that the caller has put together. */
export type TraceFields = DataFields<TraceRecord>;
export type SpanFields = DataFields<SpanRecord>;

/**
 * Makes a record of `trace`. Fields that the backend would refuse are repaired, with a warning: an invalid id is replaced by a
 * new one (also in its children), an invalid time is left out or replaced by the nearest known one, a name or label is cut. Never
 * throws.
 */
export function traceDataRecord(trace: TraceFields, capture: Capture, log: Log): TraceRecord {
  const data = fieldsOf<TraceRecord>(trace, log);
  const reader = new FieldReader(data, capture, log);
  const name = reader.name('trace');
  const { startedAt, endedAt } = reader.times();
  const label = (field: 'sessionId' | 'userId' | 'environment' | 'release') => reader.label(data[field], field);
  return {
    traceId: ownId(data.traceId, log),
    name,
    status: oneOf(TraceStatus, data.status, 'COMPLETED', log),
    startedAt,
    endedAt,
    input: reader.json('input'),
    output: reader.json('output'),
    metadata: objectField(reader.json('metadata')),
    sessionId: label('sessionId'),
    userId: label('userId'),
    tags: list(data.tags).flatMap((tag) => reader.label(tag, 'tags') ?? []),
    environment: label('environment'),
    release: label('release'),
    spans: spanRecords(list(data.spans), { traceName: name }, startedAt, capture, log),
  };
}

/** `span` as a record, repaired like a trace's spans. */
export function spanDataRecord(span: SpanFields, capture: Capture, log: Log): SpanRecord | undefined {
  return spanRecords([span], {}, undefined, capture, log)[0];
}

function spanRecords(
  spans: readonly unknown[],
  owner: ValueOwner,
  traceStart: number | undefined,
  capture: Capture,
  log: Log,
): SpanRecord[] {
  const fieldSets = spans.map((span) => fieldsOf<SpanRecord>(span, log));
  // First all ids, then the parents, because a child may come before its parent.
  const known = new Map<unknown, string>();
  const taken = new Set<string>();
  const ids = fieldSets.map((data) => {
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
  return fieldSets.map((data, at) => {
    const spanId = ids[at] ?? newId();
    const kind = oneOf(SpanKind, data.kind, 'OTHER', log);
    const reader = new FieldReader(data, capture, log, { ...owner, spanName: '', kind });
    const times = reader.times(traceStart);
    const first = reader.time('completionStartTime');
    return {
      spanId,
      parentSpanId: parentId(data.parentSpanId, spanId, known, log),
      name: reader.name('span'),
      kind,
      status: oneOf(SpanStatusCode, data.status, 'UNSET', log),
      ...times,
      completionStartTime: first === undefined ? undefined : Math.max(first, times.startedAt),
      model: reader.label(data.model, 'model'),
      error: readOptional(data.error, (some) => reader.text(errorText(some), 'error')),
      input: reader.json('input'),
      output: reader.json('output'),
      metadata: objectField(reader.json('metadata')),
      modelParameters: objectField(reader.json('modelParameters')),
      tokenUsage: tokenUsageJson(data.tokenUsage, log),
      cost: costJson(data.cost, log),
    };
  });
}

/** Reads the fields of one trace or span. The name is read first, because the mask gets it with each field. */
class FieldReader {
  readonly #data: DataFields<TraceRecord & SpanRecord>;
  readonly #capture: Capture;
  readonly #log: Log;
  #owner: ValueOwner;

  constructor(data: DataFields<TraceRecord & SpanRecord>, capture: Capture, log: Log, owner: ValueOwner = {}) {
    this.#data = data;
    this.#capture = capture;
    this.#log = log;
    this.#owner = owner;
  }

  name(of: 'trace' | 'span'): string {
    const { name } = this.#data;
    const masked = typeof name === 'string' ? this.text(name, 'name') : name;
    const repaired = repairName(masked, of, (fault) => warn(this.#log, `a ${of} name is ${fault}`));
    this.#owner = of === 'trace' ? { traceName: repaired } : { ...this.#owner, spanName: repaired };
    return repaired;
  }

  text(text: string, field: CaptureField): string {
    return this.#capture.text(text, field, this.#owner);
  }

  json(field: 'input' | 'output' | 'metadata' | 'modelParameters'): JsonText | undefined {
    return readOptional(this.#data[field], (some) => this.#capture.value(some, field, this.#owner));
  }

  label(value: unknown, field: CaptureField): string | undefined {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
    const text = this.text(String(value), field);
    const short = limitText(text, maxLabelChars);
    if (short !== text) warn(this.#log, `a label is longer than ${maxLabelChars} characters and cut`);
    return short || undefined;
  }

  /** A date, a number of milliseconds or a date text → milliseconds; `fallback` if the backend would not take it. */
  time(field: 'startedAt' | 'endedAt' | 'completionStartTime', fallback?: number): number | undefined {
    const value = this.#data[field];
    if ((value === undefined || value === null) && fallback === undefined) return undefined;
    const ms = types.isDate(value) ? value.getTime() : typeof value === 'string' ? Date.parse(value) : value;
    if (isTime(ms)) return ms;
    warn(this.#log, `${field} is no date that can be stored, and taken for not given`);
    return fallback;
  }

  /** The start, and an end that is not before it. */
  times(traceStart?: number): { readonly startedAt: number; readonly endedAt: number | undefined } {
    const endedAt = this.time('endedAt');
    const now = wallMs();
    const startedAt = this.time('startedAt', endedAt ?? traceStart ?? now) ?? now;
    if (endedAt === undefined || endedAt >= startedAt) return { startedAt, endedAt };
    warn(this.#log, 'an end is before its start and set to it');
    return { startedAt, endedAt: startedAt };
  }
}

function fieldsOf<T extends object>(data: unknown, log: Log): DataFields<T> {
  try {
    if (typeof data === 'object' && data !== null) return { ...(data as T) };
  } catch {
    // Falls through to the warning.
  }
  warn(log, 'a trace or span cannot be read');
  return {};
}

function readOptional<T>(value: unknown, use: (value: unknown) => T): T | undefined {
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

/** The message is also the cause, so that each kind of fault is logged once a minute. */
function warn(log: Log, message: string): void {
  log.warn(`trace data: ${message}`, `in a TraceData given to logTrace(): ${message}`);
}
