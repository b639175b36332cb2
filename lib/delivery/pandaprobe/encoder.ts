import { byteLength } from '../../model/capture-text.js';
import { maxSpansPerRequest } from '../../model/limits.js';
import type { CapturedLateSpans, CapturedSpan, CapturedText, CapturedTrace, ScoreRecord } from '../../model/records.js';
import { maxBytesPerUnit } from '../../model/text.js';
import { unfold } from '../../model/unfold.js';
import type { ItemRules } from '../queue/route.js';
import type { Encoder } from '../wire/protocol.js';
import { type BodyLimits, packBodies } from './pack-bodies.js';

/**
 * Records → request bodies, by concatenating texts that are JSON already. Absent fields are left out. This runs on the
 * application's thread and takes about a microsecond for a span.
 *
 * A body of a folded record is folded, and grows a little when the worker unfolds it. If it is too large only then, the worker splits
 * it.
 */

/**
 * A trace's first body is `POST /traces`, which has a limit of its own (backend-contract.md, *Rate limit*). Its other bodies, late
 * spans and scores are the other calls. A score that is sent twice is stored twice (backend-contract.md, *Repeats*).
 */
export const itemRules: ItemRules = {
  routeOf: ({ kind, acknowledged }) => (kind === 'trace' && acknowledged === 0 ? 'traces' : 'other'),
  isRepeatable: (kind) => kind !== 'score',
};

/** PandaProbe's calls, on the application's thread: bodies are folded JSON, which the worker unfolds. */
export const pandaProbeEncoder: Encoder = {
  ...itemRules,
  trace: (record, maxBytes) => encodeTrace(record, { maxSpans: maxSpansPerRequest, maxBytes }),
  lateSpans: (record, maxBytes) => encodeLateSpans(record, { maxSpans: maxSpansPerRequest, maxBytes }),
  score: (record) => [encodeScore(record)],
  toDisk: (body) => unfold(body as CapturedText), // from one of the three above
};

/**
 * The bodies of one trace, in the order in which they must be sent: the first for `POST /traces`, the others for
 * `POST /traces/{id}/spans`. Spans keep their order, so a parent never comes after its child.
 */
export function encodeTrace(record: CapturedTrace, limits: BodyLimits): string[] {
  const head = traceHead(record);
  const { spans } = record;
  if (spans.length === 0) return [`${head}}`];
  const open = `${head},"spans":[`;
  if (spans.length <= limits.maxSpans) {
    let body = open;
    let lead = firstSpan;
    for (const span of spans) {
      body += spanText(span, lead);
      lead = nextSpan;
    }
    body += ']}';
    if (fits(body, limits.maxBytes)) return [body];
  }
  return packBodies(spans.map(aloneText), limits, open, ']}');
}

/** The bodies of a late-span batch, each for `POST /traces/{id}/spans`. */
export function encodeLateSpans(record: CapturedLateSpans, limits: BodyLimits): string[] {
  return packBodies(record.spans.map(aloneText), limits, '[', ']');
}

/** The body of a score, for `POST /evaluations/trace-scores`. */
export function encodeScore(record: ScoreRecord): string {
  let body = `{"trace_id":${quote(record.traceId)},"name":${label(record.name)},"value":${quote(record.value)},"data_type":"${record.dataType}","source":"PROGRAMMATIC"`;
  if (record.reason !== undefined) body += `,"reason":${quote(record.reason)}`;
  if (record.metadata !== undefined) body += `,"metadata":${record.metadata}`;
  return `${body}}`;
}

/** Whether `text` has at most `maxBytes` in UTF-8. Bytes are counted only if it is close. */
export function fits(text: string, maxBytes: number): boolean {
  return text.length * maxBytesPerUnit <= maxBytes || (text.length <= maxBytes && byteLength(text) <= maxBytes);
}

function traceHead(trace: CapturedTrace): string {
  let text = `{"trace_id":${idText(trace.traceId)},"name":${label(trace.name)},"status":"${trace.status}"`;
  text = startedAt.appendTo(text, trace.startedAt);
  if (trace.endedAt !== undefined) text = endedAt.appendTo(text, trace.endedAt);
  if (trace.sessionId !== undefined) text += `,"session_id":${quote(trace.sessionId)}`;
  if (trace.userId !== undefined) text += `,"user_id":${quote(trace.userId)}`;
  if (trace.environment !== undefined) text += `,"environment":${label(trace.environment)}`;
  if (trace.release !== undefined) text += `,"release":${label(trace.release)}`;
  if (trace.tags.length > 0) text += `,"tags":[${trace.tags.map(label).join(',')}]`;
  if (trace.metadata !== undefined) text += `,"metadata":${trace.metadata}`;
  if (trace.input !== undefined) text += `,"input":${trace.input}`;
  if (trace.output !== undefined) text += `,"output":${trace.output}`;
  return text;
}

const firstSpan = '{"span_id":"';
const nextSpan = `,${firstSpan}`;

/** @param lead - what stands before the span's id */
function spanText(span: CapturedSpan, lead: string): string {
  let text = lead + span.spanId;
  if (span.parentSpanId !== undefined) text += `","parent_span_id":"${span.parentSpanId}`;
  text += traitsText(span);
  text = startedAt.appendTo(text, span.startedAt);
  if (span.endedAt !== undefined) text = endedAt.appendTo(text, span.endedAt);
  if (span.completionStartTime !== undefined) {
    text = completionStartTime.appendTo(text, span.completionStartTime);
  }
  if (span.error !== undefined) text += `,"error":${quote(span.error)}`;
  if (span.tokenUsage !== undefined) text += `,"token_usage":${span.tokenUsage}`;
  if (span.cost !== undefined) text += `,"cost":${span.cost}`;
  if (span.modelParameters !== undefined) text += `,"model_parameters":${span.modelParameters}`;
  if (span.metadata !== undefined) text += `,"metadata":${span.metadata}`;
  if (span.input !== undefined) text += `,"input":${span.input}`;
  if (span.output !== undefined) text += `,"output":${span.output}`;
  return `${text}}`;
}

/** A span's text without what comes before it in a body. */
function aloneText(span: CapturedSpan): string {
  return spanText(span, firstSpan);
}

/** Fields that are the same in most spans of one name. */
interface Traits {
  readonly kind: string;
  readonly status: string;
  readonly model: string | undefined;
  readonly text: string;
}

const traitsByName = new Map<string, Traits>();

/** `","name":"plan","kind":"LLM","status":"OK","model":"gpt-5.4"`. The last text of each name is cached, if short. */
function traitsText({ name, kind, status, model }: CapturedSpan): string {
  const known = traitsByName.get(name);
  if (known?.kind === kind && known.status === status && known.model === model) return known.text;
  let text = `","name":${label(name)},"kind":"${kind}","status":"${status}"`;
  if (model !== undefined) text += `,"model":${label(model)}`;
  if (model === undefined || model.length <= maxRemembered) remember(traitsByName, name, { kind, status, model, text });
  return text;
}

/** A UUID as a JSON string, or whatever text a caller's own record has as its id. */
function idText(id: string): string {
  return isPlain.test(id) ? `"${id}"` : quote(id);
}

/** Most texts in a cache, and the most UTF-16 units of one. */
const maxTexts = 1000;
const maxRemembered = 64;
const isPlain = /^[\w-]+$/;
const labels = new Map<string, string>();

/** `quote` for texts that repeat from trace to trace: names, models, tags. Short ones are cached. */
function label(text: string): string {
  const known = labels.get(text);
  if (known !== undefined) return known;
  const json = quote(text);
  remember(labels, text, json);
  return json;
}

function remember<T>(map: Map<string, T>, text: string, value: T): void {
  if (text.length > maxRemembered) return;
  if (map.size >= maxTexts) map.clear();
  map.set(text, value);
}

/**
 * `text` as a JSON string without null characters and lone surrogates, either of which would cost the whole trace
 * (backend-contract.md, *What breaks a project*).
 */
function quote(text: string): string {
  return JSON.stringify(text.isWellFormed() && !text.includes('\0') ? text : wellFormed(text));
}

function wellFormed(text: string): string {
  return text.replace(/\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '');
}

const microsPerSecond = 1_000_000;

/** Cache of `000` to `999`. */
const threeDigits: string[] = [];

/**
 * One field of times as JSON: milliseconds since the epoch → `"started_at":"2026-11-22T13:17:47.123456Z"`, ISO 8601 in UTC with
 * microseconds. Times come in bursts, so the text up to the second is cached, and a body is concatenated of few pieces.
 */
class TimeField {
  readonly #lead: string;
  #second = Number.NaN;
  #upToSecond = '';

  /** @param lead - text before the time */
  constructor(lead: string) {
    this.#lead = lead;
  }

  /**
   * Appends the field to `text`.
   * @throws RangeError if `ms` is out of the range of `Date`
   */
  appendTo(text: string, ms: number): string {
    let second = Math.floor(ms / 1000);
    let micros = Math.round((ms - second * 1000) * 1000);
    if (micros === microsPerSecond) {
      second += 1;
      micros = 0;
    }
    if (second !== this.#second) {
      this.#upToSecond = this.#lead + new Date(second * 1000).toISOString().slice(0, 20);
      this.#second = second;
    }
    const millis = Math.floor(micros / 1000);
    const fraction = `${digits(millis)}${digits(micros - millis * 1000)}Z"`;
    return text + this.#upToSecond + fraction;
  }
}

/** Shared by traces and spans, whose times are close to each other. */
const startedAt = new TimeField(',"started_at":"');
const endedAt = new TimeField(',"ended_at":"');
const completionStartTime = new TimeField(',"completion_start_time":"');

function digits(value: number): string {
  threeDigits[value] ??= String(value).padStart(3, '0');
  return threeDigits[value];
}
