import type { SpanKind } from '../../model/kinds.js';
import { fromConvention } from '../messages.js';
import { type OtelSpan, ourScope } from '../otel-span.js';
import { type Attributes, isObject } from '../wire/any-value.js';
import { aiSdkInput, aiSdkOutput } from './ai-sdk.js';
import { flatList } from './flat-list.js';
import { genkitInput, genkitOutput } from './genkit.js';
import { openInferenceMessages } from './openinference.js';
import { firstOf, jsonOr, parsed } from './parsed.js';

/** The input and output of a step. */
interface InputOutput {
  readonly input: unknown;
  readonly output: unknown;
}

/** Reads the input and output of a span from the attributes of one dialect, as far as it has them. */
type DialectReader = (span: OtelSpan, kind: SpanKind) => Partial<InputOutput>;

/**
 * The values of a span, in the form that PandaProbe shows: messages as `{ messages }`, documents as `{ documents }`. What one
 * dialect does not have is read from the next one, because some libraries write the attributes of two.
 */
export function inputOutput(span: OtelSpan, kind: SpanKind): InputOutput {
  if (span.scope === ourScope) return ofOurs(span);
  let input: unknown;
  let output: unknown;
  for (const read of dialects) {
    const found = read(span, kind);
    input ??= found.input;
    output ??= found.output;
    if (input !== undefined && output !== undefined) break;
  }
  return { input, output };
}

const dialects: readonly DialectReader[] = [
  ({ attributes }) => both(attributes, 'langfuse.observation.input', 'langfuse.observation.output'),
  ofOpenInference,
  ({ attributes }) => ({ input: aiSdkInput(attributes), output: aiSdkOutput(attributes) }),
  (span, kind) => (kind === 'TOOL' ? ofToolCall(span) : {}),
  ofConventions,
  ({ attributes }) => ({ input: genkitInput(attributes), output: genkitOutput(attributes) }),
  ({ attributes }) => both(attributes, plainInputs, plainOutputs),
  ofToolCall,
];

/** Our own attributes hold JSON text if the conventions have no form for the value. */
function ofOurs(span: OtelSpan): InputOutput {
  const own = ofConventions(span);
  const json = (name: string) => {
    const text = span.attributes[name];
    return typeof text === 'string' ? jsonOr(text) : undefined;
  };
  return {
    input: json('pandaprobe.input') ?? json('gen_ai.tool.call.arguments') ?? own.input,
    output: json('pandaprobe.output') ?? json('gen_ai.tool.call.result') ?? own.output,
  };
}

const plainInputs = [
  ...['traceloop.entity.input', 'mlflow.spanInputs', 'input.value', 'tool_arguments', 'input', 'mlflow.traceInputs'],
];
const plainOutputs = [
  ...['traceloop.entity.output', 'mlflow.spanOutputs', 'output.value', 'tool_response', 'final_result', 'output'],
  'mlflow.traceOutputs',
];

function both(attributes: Attributes, inputs: string | readonly string[], outputs: string | readonly string[]) {
  const one = (names: string | readonly string[]) =>
    parsed(firstOf(attributes, typeof names === 'string' ? [names] : names));
  return { input: one(inputs), output: one(outputs) };
}

function ofOpenInference({ attributes }: OtelSpan): Partial<InputOutput> {
  const documents = flatList(attributes, 'retrieval.documents');
  const found = documents?.map((each) => (isObject(each) ? (each.document ?? each) : each));
  // Other dialects have these two names as well.
  const isCertain = attributes['openinference.span.kind'] !== undefined;
  const plain: Partial<InputOutput> = isCertain ? both(attributes, 'input.value', 'output.value') : {};
  return {
    input: openInferenceMessages(attributes, 'llm.input_messages') ?? plain.input,
    output:
      openInferenceMessages(attributes, 'llm.output_messages') ??
      (found === undefined ? plain.output : { documents: found }),
  };
}

const detailsEvent = 'gen_ai.client.inference.operation.details';

/** Reads an attribute of the conventions, which may be on the span or in its event of details. */
function conventionOf({ attributes, events }: OtelSpan): (name: string) => unknown {
  const details = events.find(({ name }) => name === detailsEvent)?.attributes ?? {};
  return (name) => attributes[name] ?? details[name];
}

function ofToolCall(span: OtelSpan): Partial<InputOutput> {
  const get = conventionOf(span);
  return {
    input: parsed(get('gen_ai.tool.call.arguments')) ?? oldMessages(span.events)?.[0]?.content,
    output: parsed(get('gen_ai.tool.call.result')) ?? oldChoices(span.events)?.[0],
  };
}

function ofConventions(span: OtelSpan): Partial<InputOutput> {
  const { attributes, events } = span;
  const get = conventionOf(span);
  const asked = oldMessages(events);
  const query = get('gen_ai.retrieval.query.text');
  const documents = get('gen_ai.retrieval.documents');
  const system = get('gen_ai.system_instructions');
  return {
    input:
      fromConvention(get('gen_ai.input.messages'), system) ??
      fromConvention(get('pydantic_ai.all_messages')) ??
      (query === undefined ? undefined : { query }) ??
      (asked && { messages: asked }) ??
      numbered(attributes, 'gen_ai.prompt'),
    output:
      fromConvention(get('gen_ai.output.messages')) ??
      (documents === undefined ? undefined : { documents: parsed(documents) }) ??
      answers(events) ??
      numbered(attributes, 'gen_ai.completion'),
  };
}

/** Messages from attributes such as `gen_ai.prompt.0.role`, which OpenLLMetry wrote. */
function numbered(attributes: Attributes, prefix: string): unknown {
  const messages = flatList(attributes, prefix);
  return messages === undefined ? undefined : { messages };
}

const oldMessage = /^gen_ai\.(system|user|assistant|tool)\.message$/;

/** Messages from events of the span, where the conventions had them until version 1.36; undefined if there are none. */
function oldMessages(
  events: OtelSpan['events'],
): readonly { readonly role: string; readonly content: unknown }[] | undefined {
  const messages = events.flatMap(({ name, attributes }) => {
    const [, role] = oldMessage.exec(name) ?? [];
    return role === undefined ? [] : [{ role, content: parsed(attributes.content ?? null) }];
  });
  return messages.length === 0 ? undefined : messages;
}

/** The same for answers. */
function oldChoices(events: OtelSpan['events']): readonly unknown[] | undefined {
  const choices = events.filter(({ name }) => name === 'gen_ai.choice');
  return choices.length === 0
    ? undefined
    : choices.map(({ attributes }) => parsed(attributes.message ?? attributes.content));
}

function answers(events: OtelSpan['events']): unknown {
  const messages = oldChoices(events)?.map((each) => {
    if (isObject(each) && each.content !== undefined) return { role: 'assistant', ...each };
    return { role: 'assistant', content: each ?? null };
  });
  return messages && { messages };
}
