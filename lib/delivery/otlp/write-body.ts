import { boundMark } from '../../model/folded-text.js';
import { eachField, eachItem, isString, stringOf } from '../../model/json-walk.js';
import type { CapturedText } from '../../model/records.js';
import { unfold } from '../../model/unfold.js';
import type { TraceLabels } from '../../otel/values.js';
import type { SpanWriter } from '../../otel/writing/span-writer.js';
import type { SpanTexts, TraceTexts } from '../../otel/writing/texts.js';
import type { TraceIds } from '../../otel/writing/trace-ids.js';
import { type WritingOptions, writeSpan, writeTrace } from '../../otel/writing/trace-spans.js';

/** What became of a body. */
interface WrittenBody {
  /** How many spans were written. */
  readonly spans: number;
  /** Those of the trace. */
  readonly labels: TraceLabels;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type TraceFields = Mutable<TraceTexts & TraceLabels>;

/**
 * Writes the spans of one body of an item: of a trace with spans, or of spans of a trace. The body is read in one walk, and what it
 * records stays text.
 * @param body - as the encoder has made it, or as it stood on the disk
 * @param known - the labels from the body before it
 * @throws if the body is not this package's
 */
export function writeBody(
  body: Buffer,
  ids: TraceIds,
  known: TraceLabels,
  options: WritingOptions,
  into: SpanWriter,
): WrittenBody {
  const given = body.toString() as CapturedText; // from the encoder
  const text = given.includes(boundMark) ? unfold(given) : given;
  let labels = known;
  let spansAt = 0;
  let spans = 0;
  if (text.startsWith('{')) {
    const trace = emptyTrace();
    eachField(text, 0, (name, start, end) => {
      if (name === 'spans') spansAt = start;
      else setTraceField(trace, name, text.slice(start, end) as CapturedText); // a part of one
    });
    const { sessionId, userId, environment, release } = trace;
    labels = { sessionId, userId, environment, release };
    writeTrace(trace, ids, options, into);
    spans += 1;
    if (spansAt === 0) return { spans, labels };
  }
  eachItem(text, spansAt, (start) => {
    const span = emptySpan();
    const end = eachField(text, start, (name, from, to) =>
      setSpanField(span, name, text.slice(from, to) as CapturedText),
    ); // a part of one
    writeSpan(span, labels, ids, options, into);
    spans += 1;
    return end;
  });
  return { spans, labels };
}

// All fields at once, and no spreads: so every object has the same shape, and is made quickly.

function emptyTrace(): TraceFields {
  return {
    name: '',
    status: 'COMPLETED',
    startedAt: 0,
    endedAt: undefined,
    input: undefined,
    output: undefined,
    metadata: undefined,
    tags: undefined,
    sessionId: undefined,
    userId: undefined,
    environment: undefined,
    release: undefined,
  };
}

function emptySpan(): Mutable<SpanTexts> {
  return {
    spanId: '',
    parentSpanId: undefined,
    name: '',
    kind: 'OTHER',
    status: 'UNSET',
    startedAt: 0,
    endedAt: undefined,
    completionStartTime: undefined,
    model: undefined,
    error: undefined,
    input: undefined,
    output: undefined,
    metadata: undefined,
    modelParameters: undefined,
    tokenUsage: undefined,
    cost: undefined,
  };
}

// The bodies are this package's own, so that each field has the type that the encoder wrote.

function setTraceField(trace: TraceFields, name: string, json: CapturedText): void {
  switch (name) {
    case 'name':
      trace.name = stringOf(json);
      return;
    case 'status':
      trace.status = stringOf(json) as TraceTexts['status'];
      return;
    case 'started_at':
      trace.startedAt = micros(json);
      return;
    case 'ended_at':
      trace.endedAt = micros(json);
      return;
    case 'session_id':
      trace.sessionId = stringOf(json);
      return;
    case 'user_id':
      trace.userId = stringOf(json);
      return;
    case 'environment':
      trace.environment = stringOf(json);
      return;
    case 'release':
      trace.release = stringOf(json);
      return;
    case 'tags':
      trace.tags = JSON.parse(json) as string[];
      return;
    case 'metadata':
      trace.metadata = json;
      return;
    case 'input':
      trace.input = json;
      return;
    case 'output':
      trace.output = json;
  }
}

function setSpanField(span: Mutable<SpanTexts>, name: string, json: CapturedText): void {
  switch (name) {
    case 'span_id':
      span.spanId = stringOf(json);
      return;
    case 'parent_span_id':
      span.parentSpanId = stringOf(json);
      return;
    case 'name':
      span.name = stringOf(json);
      return;
    case 'kind':
      span.kind = stringOf(json) as SpanTexts['kind'];
      return;
    case 'status':
      span.status = stringOf(json) as SpanTexts['status'];
      return;
    case 'model':
      span.model = stringOf(json);
      return;
    case 'started_at':
      span.startedAt = micros(json);
      return;
    case 'ended_at':
      span.endedAt = micros(json);
      return;
    case 'completion_start_time':
      span.completionStartTime = micros(json);
      return;
    case 'error':
      span.error = stringOf(json);
      return;
    case 'token_usage':
      span.tokenUsage = json;
      return;
    case 'cost':
      span.cost = json;
      return;
    case 'model_parameters':
      span.modelParameters = json;
      return;
    case 'metadata':
      span.metadata = json;
      return;
    case 'input':
      span.input = json;
      return;
    case 'output':
      span.output = json;
  }
}

/** Characters of `"2026-11-22T13:17:47.123456Z"` up to the fraction, and of all of it. */
const upToFraction = 21;
const timeChars = 29;
/** The last second that was read, since most times are close to the one before them. */
let lastSecond = '';
let lastMicros = 0;

/** Microseconds since the epoch of a time. `Date` keeps no microseconds. */
function micros(json: string): number {
  if (json.length !== timeChars || !isString(json)) return Math.round(Date.parse(stringOf(json)) * 1000);
  const second = json.slice(0, upToFraction);
  if (second !== lastSecond) {
    lastMicros = Date.parse(`${second.slice(1, -1)}Z`) * 1000;
    lastSecond = second;
  }
  return lastMicros + Number(json.slice(upToFraction, upToFraction + 6));
}
