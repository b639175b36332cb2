import { parseId } from '../../common/ids.js';
import { spanIdFromHex } from '../../common/span-hex.js';
import { type OtelEvent, type OtelSpan, ourScope } from '../otel-span.js';
import type { JsonObject, SpanValues } from '../values.js';
import { type Attributes, isObject } from '../wire/any-value.js';
import { errorOf, thrownIn } from './error.js';
import { inputOutput } from './input-output.js';
import { kindOf } from './kind.js';
import { firstChunkAt, modelOf, parametersOf } from './model-call.js';
import { jsonOr } from './parsed.js';
import { costOf, usageOf } from './usage.js';

/** A trace's id as a UUID. */
export function traceUuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** A span's id as a UUID: its PandaProbe id, or one made from its eight bytes and the trace's id. */
export function spanUuid({ traceId, spanId, attributes }: OtelSpan): string {
  return parseId(attributes['pandaprobe.span.id']) ?? spanIdFromHex(traceId, spanId);
}

/** Converts a span to PandaProbe's form. @param parentSpanId - the UUID of its parent */
export function spanValues(span: OtelSpan, parentSpanId: string | undefined): SpanValues {
  const { attributes, name, startedAt, endedAt } = span;
  const isOurs = span.scope === ourScope;
  const kind = kindOf(span) ?? 'OTHER';
  const error = errorOf(span);
  const isCall = kind === 'LLM' || kind === 'EMBEDDING';
  return {
    ...{ spanId: spanUuid(span), parentSpanId, kind, error, startedAt },
    name: name === '' ? 'span' : name,
    status: error !== undefined ? 'ERROR' : span.status.code === 1 ? 'OK' : 'UNSET',
    endedAt: isOurs && attributes['pandaprobe.span.open'] === true ? undefined : endedAt,
    completionStartTime: firstChunkAt(span),
    model: isCall || isOurs ? modelOf(attributes, isOurs) : undefined,
    ...inputOutput(span, kind),
    metadata: isOurs ? ownMetadata(span) : restOf(span, error !== undefined),
    modelParameters: parametersOf(attributes),
    tokenUsage: usageOf(attributes),
    cost: costOf(attributes),
  };
}

/** The metadata with which this package sent a span or trace. */
export function ownMetadata({ attributes }: OtelSpan): JsonObject | undefined {
  const text = attributes['pandaprobe.metadata'];
  const metadata = typeof text === 'string' ? jsonOr(text) : undefined;
  return isObject(metadata) ? metadata : undefined;
}

/** Attributes that other fields of the span have, so that they are left out of the metadata. */
const shownElsewhere =
  /^(?:pandaprobe\.(?!unfinished$)|gen_ai\.(?:input\.messages|output\.messages|system_instructions|prompt\.\d|completion\.\d|tool\.call\.(?:arguments|result)|retrieval\.documents)|llm\.(?:input|output)_messages\.|(?:input|output)\.value$|retrieval\.documents\.|ai\.(?:prompt|response\.(?:text|object|toolCalls)|toolCall\.(?:args|result))|langfuse\.observation\.(?:input|output)$|langfuse\.trace\.(?:input|output)$|traceloop\.entity\.(?:input|output)$|mlflow\.(?:span|trace)(?:Inputs|Outputs)$|genkit:(?:input|output)$)/;

/** The remaining attributes, events and links of another tracer's span, as metadata, so that none is lost. */
function restOf({ attributes, events, links, scope, droppedAttributes }: OtelSpan, hasFailed: boolean): JsonObject {
  const rest: Record<string, unknown> = Object.create(null);
  if (scope !== '') rest['otel.scope'] = scope;
  if (droppedAttributes > 0) rest['otel.dropped_attributes'] = droppedAttributes;
  for (const name in attributes) if (!shownElsewhere.test(name)) rest[name] = attributes[name];
  const thrown = hasFailed ? thrownIn(events) : undefined;
  if (thrown !== undefined) rest.exception = exceptionOf(thrown.attributes);
  const others = events.filter((event) => event !== thrown && !isMessage(event));
  if (others.length > 0) rest['otel.events'] = others.map(eventValue);
  if (links.length > 0) {
    rest['otel.links'] = links.map((link) => {
      return { trace_id: traceUuid(link.traceId), span_id: spanIdFromHex(link.traceId, link.spanId), ...some(link) };
    });
  }
  return { ...rest };
}

/** An exception in the form in which this package records an error. */
function exceptionOf({
  'exception.type': type,
  'exception.message': message,
  'exception.stacktrace': stack,
  ...rest
}: Attributes): JsonObject {
  return { type, message, stack, ...rest };
}

/** Whether an event holds messages, which are read as input or output. */
function isMessage({ name }: OtelEvent): boolean {
  return name.startsWith('gen_ai.');
}

function eventValue({ name, at, attributes }: OtelEvent): JsonObject {
  const time = new Date(at);
  const said = at > 0 && !Number.isNaN(time.getTime()) ? { time: time.toISOString() } : {};
  return { name, ...said, ...some({ attributes }) };
}

/** The attributes, if there are any. */
function some({ attributes }: { readonly attributes: Attributes }): JsonObject {
  return Object.keys(attributes).length === 0 ? {} : { attributes: { ...attributes } };
}
