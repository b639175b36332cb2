import { VERSION } from '../../common/version.js';
import { isString, stringOf } from '../../model/json-walk.js';
import type { SpanKind } from '../../model/kinds.js';
import type { CapturedSpan, CapturedText, CapturedTrace } from '../../model/records.js';
import { cleanText } from '../../model/text.js';
import { unfold } from '../../model/unfold.js';
import { ourScope } from '../otel-span.js';
import type { TraceLabels } from '../values.js';
import { isObject } from '../wire/any-value.js';
import { localParentFlags, remoteParentFlags } from '../wire/otlp.js';
import { conventionText } from './message-texts.js';
import type { SpanWriter } from './span-writer.js';
import type { TraceIds } from './trace-ids.js';

/** Options for writing a trace. */
export interface WritingOptions {
  /** Whether inputs and outputs are sent. */
  readonly captureContent: boolean;
}

/** The fields of a trace that its own span has. No recorded value may be bound (folded-text.ts). */
type RootFields = Omit<CapturedTrace, 'traceId' | 'spans'>;

/** Labels of a trace that each of its spans has. */
type SpanLabels = Pick<TraceLabels, 'sessionId' | 'userId'>;

/** The library that makes the spans. */
export const scope = { name: ourScope, version: VERSION } as const;

/** Operations of the GenAI conventions, 1.42. A span without one has its kind in an attribute of our own. */
const operations: Readonly<Record<SpanKind, string | undefined>> = {
  ...{ LLM: 'chat', EMBEDDING: 'embeddings', TOOL: 'execute_tool', RETRIEVER: 'retrieval', AGENT: 'invoke_agent' },
  ...{ CHAIN: 'invoke_workflow', OTHER: undefined },
};

const internal = 1;
const client = 3;
const kinds: Partial<Readonly<Record<SpanKind, number>>> = { LLM: client, EMBEDDING: client, RETRIEVER: client };

/**
 * Writes the span that represents the trace, because OpenTelemetry has no object for a whole trace. Its id is the last half of the
 * trace's id, and spans without a parent are its children.
 */
export function writeTrace(trace: RootFields, ids: TraceIds, options: WritingOptions, into: SpanWriter): void {
  const { name, status, tags } = trace;
  const startedAt = micros(trace.startedAt);
  const endedAt = trace.endedAt === undefined ? startedAt : micros(trace.endedAt);
  const parentSpanId = remoteParentOf(trace);
  into.begin({ traceId: ids.hex, spanId: ids.root, parentSpanId, name, kind: internal, startedAt, endedAt });
  into.text('gen_ai.operation.name', 'invoke_workflow');
  writeText(into, 'gen_ai.workflow.name', name);
  if (status !== 'COMPLETED' && status !== 'ERROR') into.text('pandaprobe.trace.status', status);
  writeLabels(into, trace);
  if (tags.length > 0) into.texts('pandaprobe.tags', tags);
  if (options.captureContent) {
    writeValue(into, 'pandaprobe.input', trace.input);
    writeValue(into, 'pandaprobe.output', trace.output);
  }
  writeValue(into, 'pandaprobe.metadata', trace.metadata);
  if (trace.endedAt === undefined) into.boolean('pandaprobe.span.open', true);
  const code = status === 'ERROR' ? 2 : status === 'COMPLETED' ? 1 : 0;
  const flags = parentSpanId === undefined ? localParentFlags : remoteParentFlags;
  into.end({ code, message: '', exception: undefined, at: endedAt, flags });
}

const remoteParent = 'otel.parent_span_id';

/** The span of a caller that PandaProbe does not record. */
function remoteParentOf({ metadata }: RootFields): string | undefined {
  if (!metadata?.includes(remoteParent)) return undefined;
  const all = objectOf(metadata);
  const parent = all[remoteParent];
  return typeof parent === 'string' && /^(?!0{16})[0-9a-f]{16}$/.test(parent) ? parent : undefined;
}

/** Writes a span in the GenAI conventions. Fields that the conventions do not have get names under `pandaprobe.`, so that nothing is lost. */
export function writeSpan(
  span: CapturedSpan,
  of: SpanLabels,
  ids: TraceIds,
  options: WritingOptions,
  into: SpanWriter,
): void {
  const { name, kind, parentSpanId: parent, completionStartTime: chunkAt } = span;
  const startedAt = micros(span.startedAt);
  const endedAt = span.endedAt === undefined ? startedAt : micros(span.endedAt);
  const spanId = ids.hexOf(span.spanId);
  const parentSpanId = parent === undefined ? ids.root : ids.hexOf(parent);
  const spanKind = kinds[kind] ?? internal;
  into.begin({ traceId: ids.hex, spanId, parentSpanId, name, kind: spanKind, startedAt, endedAt });
  const operation = operations[kind];
  if (operation === undefined) into.text('pandaprobe.span.kind', kind);
  else into.text('gen_ai.operation.name', operation);
  if (!ids.isExact(span.spanId, spanId)) into.text('pandaprobe.span.id', span.spanId);
  if (parent !== undefined && !ids.isExact(parent, parentSpanId)) into.text('pandaprobe.span.parent_id', parent);
  writeText(into, 'gen_ai.request.model', span.model);
  if (kind === 'TOOL') writeText(into, 'gen_ai.tool.name', name);
  if (kind === 'AGENT') writeText(into, 'gen_ai.agent.name', name);
  writeLabels(into, of);
  if (options.captureContent) writeContent(into, span);
  if (span.modelParameters !== undefined) writeParameters(into, span.modelParameters);
  if (span.tokenUsage !== undefined) writeUsage(into, span.tokenUsage);
  if (span.cost !== undefined) writeCosts(into, span.cost);
  if (chunkAt !== undefined) into.double('gen_ai.response.time_to_first_chunk', (micros(chunkAt) - startedAt) / 1e6);
  writeValue(into, 'pandaprobe.metadata', span.metadata);
  if (span.endedAt === undefined) into.boolean('pandaprobe.span.open', true);
  const { status } = span;
  const message = status === 'ERROR' ? (span.error ?? '') : '';
  const exception = status === 'ERROR' ? (errorName.exec(message)?.[1] ?? '_OTHER') : undefined;
  writeText(into, 'error.type', exception);
  const code = status === 'ERROR' ? 2 : status === 'OK' ? 1 : 0;
  into.end({ code, message, exception, at: endedAt, flags: localParentFlags });
}

/** Whole microseconds of milliseconds with a fraction. */
function micros(ms: number): number {
  return Math.round(ms * 1000);
}

/** `TypeError` of `TypeError: x is not a function`. */
const errorName = /^([A-Z]\w*(?:Error|Exception|Abort|Timeout)\w*)(?::|$)/;

function writeText(into: SpanWriter, key: string, given: string | undefined): void {
  if (given !== undefined && given !== '') into.text(key, given);
}

function writeLabels(into: SpanWriter, { sessionId, userId }: SpanLabels): void {
  writeText(into, 'session.id', sessionId);
  writeText(into, 'gen_ai.conversation.id', sessionId);
  writeText(into, 'user.id', userId);
}

function writeContent(into: SpanWriter, { kind, input, output }: CapturedSpan): void {
  if (kind === 'TOOL') {
    writeValue(into, 'gen_ai.tool.call.arguments', input);
    writeValue(into, 'gen_ai.tool.call.result', output);
    return;
  }
  const asked = input && conventionText(input, false);
  if (asked === undefined) writeValue(into, 'pandaprobe.input', input);
  else into.text('gen_ai.input.messages', asked);
  const answered = output && conventionText(output, true);
  if (answered === undefined) writeValue(into, 'pandaprobe.output', output);
  else into.text('gen_ai.output.messages', answered);
}

/**
 * Writes a value as its JSON text, because an attribute cannot be an object. A string is written unchanged if it cannot be
 * mistaken for JSON text, so that readers can tell the two apart.
 */
function writeValue(into: SpanWriter, key: string, json: CapturedText | undefined): void {
  if (json === undefined || json === 'null') return;
  const given = isString(json) ? cleanText(stringOf(json)) : undefined;
  into.text(key, given === undefined || mayBeJson.test(given) ? unfold(json) : given);
}

/** Matches texts that could be taken for JSON, and the empty text. */
const mayBeJson = /^(?:$|[\s\ufeff"[{\d-]|true|false|null)/;

/** Names of model parameters: in providers' requests, and in the conventions. */
const parameterNames: Readonly<Record<string, string | undefined>> = {
  ...{ temperature: 'temperature', top_p: 'top_p', top_k: 'top_k', seed: 'seed', stream: 'stream' },
  ...{ max_tokens: 'max_tokens', frequency_penalty: 'frequency_penalty', presence_penalty: 'presence_penalty' },
  ...{ stop_sequences: 'stop_sequences' },
};
const doubles = new Set(['temperature', 'top_p', 'frequency_penalty', 'presence_penalty']);

function writeParameters(into: SpanWriter, json: CapturedText): void {
  for (const [name, given] of Object.entries(objectOf(json))) {
    const known = Object.hasOwn(parameterNames, name) ? `gen_ai.request.${parameterNames[name]}` : undefined;
    const isTexts = Array.isArray(given) && given.every((each) => typeof each === 'string');
    const isFitting = name === 'stop_sequences' ? isTexts : typeof given !== 'object';
    if (known === undefined || !isFitting)
      writeValue(into, `pandaprobe.model_parameters.${name}`, JSON.stringify(given) as CapturedText); // it is JSON
    else if (isTexts) into.texts(known, given);
    else if (typeof given === 'boolean') into.boolean(known, given);
    else if (typeof given === 'string') into.text(known, given);
    else if (typeof given === 'number' && doubles.has(name)) into.double(known, given);
    else writeNumber(into, known, given);
  }
}

/** Token counts and their names in the conventions. Totals include their parts on both sides, so the numbers are the same. */
const usageNames: Readonly<Record<string, string | undefined>> = {
  prompt_tokens: 'gen_ai.usage.input_tokens',
  completion_tokens: 'gen_ai.usage.output_tokens',
  cache_read_tokens: 'gen_ai.usage.cache_read.input_tokens',
  cache_creation_tokens: 'gen_ai.usage.cache_creation.input_tokens',
  reasoning_tokens: 'gen_ai.usage.reasoning.output_tokens',
};

function writeUsage(into: SpanWriter, json: CapturedText): void {
  const counts = objectOf(json);
  for (const name in counts) {
    const known = Object.hasOwn(usageNames, name) ? usageNames[name] : undefined;
    writeNumber(into, known ?? `pandaprobe.usage.${name}`, counts[name]);
  }
}

function writeCosts(into: SpanWriter, json: CapturedText): void {
  const amounts = objectOf(json);
  for (const name in amounts) {
    const amount = amounts[name];
    if (typeof amount === 'number') into.double(`pandaprobe.cost.${name}`, amount);
  }
}

/** Whole numbers are integers, others doubles. */
function writeNumber(into: SpanWriter, key: string, given: unknown): void {
  if (typeof given !== 'number') return;
  if (Number.isSafeInteger(given)) into.integer(key, given);
  else into.double(key, given);
}

function objectOf(json: CapturedText): Readonly<Record<string, unknown>> {
  const object: unknown = JSON.parse(unfold(json));
  return isObject(object) ? object : {};
}
