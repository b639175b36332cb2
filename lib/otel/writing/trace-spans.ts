import { rootHex, spanHex, spanIdFromHex } from '../../common/span-hex.js';
import { VERSION } from '../../common/version.js';
import type { SpanKind } from '../../model/kinds.js';
import { messagesIn, toConvention } from '../messages.js';
import { ourScope } from '../otel-span.js';
import type { JsonObject, SpanValues, TraceLabels, TraceValues } from '../values.js';
import { doubleValue } from '../wire/any-value.js';
import { type KeyValue, localParentFlags, type OtlpScope, type OtlpSpan, remoteParentFlags } from '../wire/otlp.js';
import { AttributeList } from './attribute-list.js';

/** What is sent of a trace. */
export interface WritingOptions {
  /** Whether inputs and outputs are sent. */
  readonly captureContent: boolean;
}

export const scope: OtlpScope = { name: ourScope, version: VERSION };

/** Operations of the GenAI conventions, 1.42. */
const operations: Readonly<Record<SpanKind, string | undefined>> = {
  ...{ LLM: 'chat', EMBEDDING: 'embeddings', TOOL: 'execute_tool', RETRIEVER: 'retrieval', AGENT: 'invoke_agent' },
  ...{ CHAIN: 'invoke_workflow', OTHER: undefined },
};

const internal = 1;
const client = 3;
const kinds: Partial<Readonly<Record<SpanKind, number>>> = { LLM: client, EMBEDDING: client, RETRIEVER: client };

/**
 * The span that represents the trace, because OpenTelemetry has no object for a whole trace. Its id is the last half of the trace's
 * id, and spans without a parent are its children.
 */
export function traceSpan(trace: TraceValues, options: WritingOptions): OtlpSpan {
  const traceId = hexOf(trace.traceId);
  const list = new AttributeList();
  list.text('gen_ai.operation.name', 'invoke_workflow');
  list.text('gen_ai.workflow.name', trace.name);
  list.text('pandaprobe.trace.status', trace.status);
  labels(list, trace);
  list.texts('pandaprobe.tags', trace.tags);
  if (options.captureContent) {
    list.json('pandaprobe.input', trace.input);
    list.json('pandaprobe.output', trace.output);
  }
  list.json('pandaprobe.metadata', trace.metadata);
  if (trace.endedAt === undefined) list.flag('pandaprobe.span.open');
  const parentSpanId = remoteParentOf(trace);
  const code = trace.status === 'ERROR' ? 2 : 1;
  // No spreads: an object made of several spreads is slow to make and to read.
  return {
    traceId,
    spanId: rootHex(traceId),
    parentSpanId,
    name: trace.name,
    kind: internal,
    startTimeUnixNano: nanos(trace.startedAt),
    endTimeUnixNano: nanos(trace.endedAt ?? trace.startedAt),
    attributes: list.attributes,
    events: undefined,
    status: trace.status === 'ERROR' || trace.status === 'COMPLETED' ? { code } : undefined,
    flags: parentSpanId === undefined ? localParentFlags : remoteParentFlags,
  };
}

/** The span of a caller that PandaProbe does not record. */
function remoteParentOf({ metadata }: TraceValues): string | undefined {
  const parent = metadata?.['otel.parent_span_id'];
  return typeof parent === 'string' && /^(?!0{16})[0-9a-f]{16}$/.test(parent) ? parent : undefined;
}

/** A span in the GenAI conventions. Fields that the conventions do not have get names under `pandaprobe.`, so that nothing is lost. */
export function stepSpan(traceUuid: string, span: SpanValues, of: TraceLabels, options: WritingOptions): OtlpSpan {
  const traceId = hexOf(traceUuid);
  const spanId = hexInTrace(traceUuid, span.spanId);
  const list = new AttributeList();
  list.text('gen_ai.operation.name', operations[span.kind]);
  list.text('pandaprobe.span.kind', span.kind);
  if (spanIdFromHex(traceUuid, spanId) !== span.spanId) list.text('pandaprobe.span.id', span.spanId);
  const { parentSpanId: parent } = span;
  const parentHex = parent === undefined ? rootHex(traceId) : hexInTrace(traceUuid, parent);
  if (parent !== undefined && spanIdFromHex(traceUuid, parentHex) !== parent)
    list.text('pandaprobe.span.parent_id', parent);
  list.text('gen_ai.request.model', span.model);
  if (span.kind === 'TOOL') list.text('gen_ai.tool.name', span.name);
  if (span.kind === 'AGENT') list.text('gen_ai.agent.name', span.name);
  labels(list, of);
  if (options.captureContent) content(list, span);
  parameters(list, span.modelParameters);
  usage(list, span);
  const { completionStartTime: chunkAt, startedAt } = span;
  if (chunkAt !== undefined)
    list.add('gen_ai.response.time_to_first_chunk', doubleValue(Math.round((chunkAt - startedAt) * 1000) / 1e6));
  list.json('pandaprobe.metadata', span.metadata);
  if (span.endedAt === undefined) list.flag('pandaprobe.span.open');
  const endTimeUnixNano = nanos(span.endedAt ?? startedAt);
  const failure = span.status === 'ERROR' ? failed(list, span.error ?? '', endTimeUnixNano) : undefined;
  return {
    traceId,
    spanId,
    parentSpanId: parentHex,
    name: span.name,
    kind: kinds[span.kind] ?? internal,
    startTimeUnixNano: nanos(startedAt),
    endTimeUnixNano,
    attributes: list.attributes,
    events: failure?.events,
    status: failure?.status ?? (span.status === 'OK' ? { code: 1 } : undefined),
    flags: localParentFlags,
  };
}

function labels(list: AttributeList, { sessionId, userId }: TraceLabels): void {
  list.text('session.id', sessionId);
  list.text('gen_ai.conversation.id', sessionId);
  list.text('user.id', userId);
}

function content(list: AttributeList, { kind, input, output }: SpanValues): void {
  if (kind === 'TOOL') {
    list.json('gen_ai.tool.call.arguments', input);
    list.json('gen_ai.tool.call.result', output);
    return;
  }
  side(list, 'input', input);
  side(list, 'output', output);
}

function side(list: AttributeList, name: 'input' | 'output', value: unknown): void {
  const messages = messagesIn(value);
  if (messages === undefined) list.json(`pandaprobe.${name}`, value);
  else list.json(`gen_ai.${name}.messages`, toConvention(messages, name === 'output'));
}

/** Names of model parameters: in providers' requests, and in the conventions. */
const parameterNames: Readonly<Record<string, string | undefined>> = {
  ...{ temperature: 'temperature', top_p: 'top_p', top_k: 'top_k', seed: 'seed', stream: 'stream' },
  ...{ max_tokens: 'max_tokens', frequency_penalty: 'frequency_penalty', presence_penalty: 'presence_penalty' },
  ...{ stop_sequences: 'stop_sequences' },
};
const doubles = new Set(['temperature', 'top_p', 'frequency_penalty', 'presence_penalty']);

function parameters(list: AttributeList, given: JsonObject | undefined): void {
  for (const [name, value] of Object.entries(given ?? {})) {
    const known = Object.hasOwn(parameterNames, name) ? parameterNames[name] : undefined;
    const isTexts = Array.isArray(value) && value.every((each) => typeof each === 'string');
    if (known === 'stop_sequences' ? isTexts : known !== undefined && typeof value !== 'object') {
      if (typeof value === 'number' && doubles.has(name)) list.add(`gen_ai.request.${known}`, doubleValue(value));
      else list.any(`gen_ai.request.${known}`, value);
    } else list.json(`pandaprobe.model_parameters.${name}`, value);
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

function usage(list: AttributeList, { tokenUsage = {}, cost = {} }: SpanValues): void {
  for (const [name, count] of Object.entries(tokenUsage)) {
    const known = Object.hasOwn(usageNames, name) ? usageNames[name] : undefined;
    list.any(known ?? `pandaprobe.usage.${name}`, count);
  }
  for (const [name, amount] of Object.entries(cost)) list.add(`pandaprobe.cost.${name}`, doubleValue(amount));
}

/** `TypeError` of `TypeError: x is not a function`. */
const errorName = /^([A-Z]\w*(?:Error|Exception|Abort|Timeout)\w*)(?::|$)/;

function failed(list: AttributeList, error: string, at: string): Pick<OtlpSpan, 'status' | 'events'> {
  const type = errorName.exec(error)?.[1] ?? '_OTHER';
  list.text('error.type', type);
  const status = { code: 2, ...(error === '' ? {} : { message: error }) };
  if (error === '') return { status };
  const attributes: KeyValue[] = [
    { key: 'exception.type', value: { stringValue: type } },
    { key: 'exception.message', value: { stringValue: error } },
  ];
  return { status, events: [{ timeUnixNano: at, name: 'exception', attributes }] };
}

function hexOf(uuid: string): string {
  return uuid.replaceAll('-', '').toLowerCase();
}

/** A span's eight bytes, which must not be all zeroes. */
function hexInTrace(traceId: string, spanId: string): string {
  const hex = spanHex(traceId, spanId);
  return /^0+$/.test(hex) ? `${hex.slice(1)}1` : hex;
}

/** Milliseconds in nanoseconds. OTLP has no time before the epoch. */
function nanos(ms: number): string {
  const micros = Math.round(ms * 1000);
  return micros > 0 ? `${micros}000` : '0';
}
