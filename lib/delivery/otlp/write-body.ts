import { boundMark } from '../../model/folded-text.js';
import { eachField, eachItem, stringOf } from '../../model/json-walk.js';
import type { CapturedSpan, CapturedText, CapturedTrace } from '../../model/records.js';
import { unfold } from '../../model/unfold.js';
import type { TraceLabels } from '../../otel/values.js';
import type { SpanWriter } from '../../otel/writing/span-writer.js';
import type { TraceIds } from '../../otel/writing/trace-ids.js';
import { type WritingOptions, writeSpan, writeTrace } from '../../otel/writing/trace-spans.js';

/** The result of writing a body. */
interface WrittenBody {
  /** How many spans were written. */
  readonly spans: number;
  /** The labels of the trace. */
  readonly labels: TraceLabels;
}

type Trace = Omit<CapturedTrace, 'traceId' | 'spans'>;

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
      else setField(trace, traceFields.get(name), text.slice(start, end));
    });
    const { sessionId, userId, environment, release } = trace;
    labels = { sessionId, userId, environment, release };
    writeTrace(trace, ids, options, into);
    spans += 1;
    if (spansAt === 0) return { spans, labels };
  }
  eachItem(text, spansAt, (start) => {
    const span = emptySpan();
    const end = eachField(text, start, (name, from, to) => setField(span, spanFields.get(name), text.slice(from, to)));
    writeSpan(span, labels, ids, options, into);
    spans += 1;
    return end;
  });
  return { spans, labels };
}

// All fields at once, and no spreads: so every object has the same shape, and is made quickly.

function emptyTrace(): Trace {
  return {
    name: '',
    status: 'COMPLETED',
    startedAt: 0,
    endedAt: undefined,
    input: undefined,
    output: undefined,
    metadata: undefined,
    tags: [],
    sessionId: undefined,
    userId: undefined,
    environment: undefined,
    release: undefined,
  };
}

function emptySpan(): CapturedSpan {
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

/**
 * For each field of a body: the field it becomes, and how its value is read. Bodies are made by this package, so every value has
 * the expected type.
 */
type BodyField<T> = readonly [keyof T, (json: string) => unknown];

const same = (json: string) => json;
const traceFields = new Map<string, BodyField<Trace>>([
  ['name', ['name', stringOf]],
  ['status', ['status', stringOf]],
  ['started_at', ['startedAt', millis]],
  ['ended_at', ['endedAt', millis]],
  ['session_id', ['sessionId', stringOf]],
  ['user_id', ['userId', stringOf]],
  ['environment', ['environment', stringOf]],
  ['release', ['release', stringOf]],
  ['tags', ['tags', (json) => JSON.parse(json)]],
  ['metadata', ['metadata', same]],
  ['input', ['input', same]],
  ['output', ['output', same]],
]);
const spanFields = new Map<string, BodyField<CapturedSpan>>([
  ['span_id', ['spanId', stringOf]],
  ['parent_span_id', ['parentSpanId', stringOf]],
  ['name', ['name', stringOf]],
  ['kind', ['kind', stringOf]],
  ['status', ['status', stringOf]],
  ['model', ['model', stringOf]],
  ['started_at', ['startedAt', millis]],
  ['ended_at', ['endedAt', millis]],
  ['completion_start_time', ['completionStartTime', millis]],
  ['error', ['error', stringOf]],
  ['token_usage', ['tokenUsage', same]],
  ['cost', ['cost', same]],
  ['model_parameters', ['modelParameters', same]],
  ['metadata', ['metadata', same]],
  ['input', ['input', same]],
  ['output', ['output', same]],
]);

function setField<T>(of: Partial<Record<keyof T, unknown>>, field: BodyField<T> | undefined, json: string): void {
  if (field !== undefined) of[field[0]] = field[1](json);
}

/** Characters of `"2026-11-22T13:17:47.123456Z"` up to the fraction, and of all of it. */
const upToFraction = 21;
const timeChars = 29;
/** The last second that was read, since most times are close to the one before them: `2026-11-22T13:17:47.` */
let lastSecond = 'none';
let lastMs = 0;

/** Milliseconds since the epoch of a time, with a fraction. `Date` keeps no microseconds. */
function millis(json: string): number {
  if (json.length !== timeChars) return Date.parse(stringOf(json));
  if (!json.startsWith(lastSecond, 1)) {
    lastSecond = JSON.parse(`${json.slice(0, upToFraction)}"`) as string; // a part would keep the whole body in memory
    lastMs = Date.parse(`${lastSecond}0Z`);
  }
  return lastMs + Number(json.slice(upToFraction, upToFraction + 6)) / 1000;
}
