import { gunzipSync } from 'node:zlib';
import { readRequest } from '../../lib/otel/reading/read-request.js';
import { decodeProtobuf } from '../../lib/otel/wire/decode-protobuf.js';

/** One request as the sink received it. */
export interface Body {
  readonly path: string;
  readonly type: string;
  readonly encoding: string;
  readonly bytes: Buffer;
}

/** One received span, of any format. */
export interface Arrived {
  readonly id: string;
  trace: string;
  parent: string;
  name: string;
  hasEnded: boolean;
}

type Json = Readonly<Record<string, unknown>>;
/** Reads one path's bodies. */
type Reader = (spans: Spans, body: Body, path: string) => void;

/** The spans of one run, merged from all requests, because some peers send the start and the end of a span separately. */
export class Spans {
  readonly #byId = new Map<string, Arrived>();
  unread = 0;

  add(id: unknown, trace: unknown, parent: unknown, name: unknown, hasEnded: boolean): void {
    const key = text(id);
    let span = this.#byId.get(key);
    if (span === undefined) {
      span = { id: key, trace: '', parent: '', name: '', hasEnded: false };
      this.#byId.set(key, span);
    }
    span.trace ||= text(trace);
    span.parent ||= text(parent);
    span.name ||= text(name);
    span.hasEnded ||= hasEnded;
  }

  read(body: Body): void {
    const path = body.path.split('?', 1)[0] ?? '';
    const reader = readers.find(([pattern]) => pattern.test(path))?.[1];
    try {
      reader?.(this, { ...body, bytes: body.encoding === 'gzip' ? gunzipSync(body.bytes) : body.bytes }, path);
    } catch {
      this.unread += 1;
    }
  }

  get all(): readonly Arrived[] {
    return [...this.#byId.values()];
  }
}

const readers: readonly (readonly [RegExp, Reader])[] = [
  [/\/v1\/traces$/, readOtlp],
  [/^\/traces$/, readTrace],
  [/^\/traces\/[^/]+\/spans$/, readLateSpans],
  [/^\/runs\/multipart$/, readParts],
  [/^\/runs\/batch$/, readRuns],
  [/^\/floor$/, readFloor],
];

function readOtlp(spans: Spans, body: Body): void {
  if (body.type === 'application/x-protobuf') {
    const { spans: all } = readRequest(decodeProtobuf(body.bytes));
    for (const { spanId, traceId, parentId, name } of all) spans.add(spanId, traceId, parentId, name, true);
    return;
  }
  for (const resource of list(json(body).resourceSpans)) {
    for (const scope of list(resource.scopeSpans)) {
      for (const span of list(scope.spans)) spans.add(span.spanId, span.traceId, span.parentSpanId, span.name, true);
    }
  }
}

/** Reads a trace; it counts as a span at the root. */
function readTrace(spans: Spans, body: Body): void {
  const trace = json(body);
  spans.add(trace.trace_id, trace.trace_id, '', trace.name, trace.ended_at !== undefined);
  addSpans(spans, trace.trace_id, list(trace.spans));
}

function readLateSpans(spans: Spans, body: Body, path: string): void {
  addSpans(spans, path.split('/')[2], list(parse(body)));
}

function addSpans(spans: Spans, trace: unknown, added: readonly Json[]): void {
  for (const span of added) {
    spans.add(span.span_id, trace, span.parent_span_id ?? trace, span.name, span.ended_at !== undefined);
  }
}

function readRuns(spans: Spans, body: Body): void {
  const { post, patch } = json(body);
  for (const run of [...list(post), ...list(patch)]) addRun(spans, run.id, run);
}

/** LangSmith: a part named `post.<id>` or `patch.<id>` holds a run; longer names hold its values. */
function readParts(spans: Spans, body: Body): void {
  const boundary = /boundary="?([^";]+)/.exec(body.type)?.[1];
  if (boundary === undefined) throw new Error('no boundary');
  const mark = Buffer.from(`--${boundary}`);
  let start = body.bytes.indexOf(mark);
  for (let end = start; start >= 0; start = end) {
    end = body.bytes.indexOf(mark, start + mark.length);
    if (end < 0) return;
    const part = body.bytes.subarray(start + mark.length + 2, end - 2);
    const headEnd = part.indexOf('\r\n\r\n');
    const name = /name="(?:post|patch)\.([^".]+)"/.exec(part.toString('latin1', 0, headEnd));
    if (name !== null) addRun(spans, name[1], JSON.parse(part.toString('utf8', headEnd + 4)));
  }
}

function addRun(spans: Spans, id: unknown, run: Json): void {
  spans.add(id, run.trace_id, run.parent_run_id, run.name, typeof run.end_time === 'number' || isText(run.end_time));
}

function readFloor(spans: Spans, body: Body): void {
  for (const span of list(json(body).floor)) spans.add(span.id, span.trace, span.parent, span.name, true);
}

function parse(body: Body): unknown {
  return JSON.parse(body.bytes.toString('utf8'));
}

function json(body: Body): Json {
  return parse(body) as Json; // what is not there is undefined
}

function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function text(value: unknown): string {
  return isText(value) ? value : '';
}
