import type { SpanKind } from '../../model/kinds.js';
import { fromConvention } from '../messages.js';
import { type OtelSpan, ourScope } from '../otel-span.js';
import { type Attributes, isObject } from '../wire/any-value.js';
import { aiSdkInput, aiSdkOutput } from './ai-sdk.js';
import { flatList } from './flat-list.js';
import { openInferenceMessages } from './openinference.js';
import { firstOf, jsonOr, parsed } from './parsed.js';

/** The input and output of a step. */
interface InputOutput {
  readonly input: unknown;
  readonly output: unknown;
}

/** The values of a span, in the form that PandaProbe shows: messages as `{ messages }`, documents as `{ documents }`. */
export function inputOutput(span: OtelSpan, kind: SpanKind): InputOutput {
  const { attributes } = span;
  if (span.scope === ourScope) return ofOurs(span, kind);
  if (attributes['langfuse.observation.type'] !== undefined) {
    return both(attributes, 'langfuse.observation.input', 'langfuse.observation.output');
  }
  if (attributes['openinference.span.kind'] !== undefined) return ofOpenInference(attributes);
  if (attributes['ai.operationId'] !== undefined) {
    return { input: aiSdkInput(attributes), output: aiSdkOutput(attributes) };
  }
  const own = ofConventions(span, kind);
  const plain = both(attributes, plainInputs, plainOutputs);
  return { input: own.input ?? plain.input, output: own.output ?? plain.output };
}

/** Our own attributes hold JSON text if the conventions have no form for the value. */
function ofOurs(span: OtelSpan, kind: SpanKind): InputOutput {
  const own = ofConventions(span, kind);
  const json = (name: string) => {
    const text = span.attributes[name];
    return typeof text === 'string' ? jsonOr(text) : undefined;
  };
  return {
    input: json('pandaprobe.input') ?? json('gen_ai.tool.call.arguments') ?? own.input,
    output: json('pandaprobe.output') ?? json('gen_ai.tool.call.result') ?? own.output,
  };
}

const plainInputs = ['traceloop.entity.input', 'mlflow.spanInputs', 'input.value', 'tool_arguments', 'input'];
const plainOutputs = [
  ...['traceloop.entity.output', 'mlflow.spanOutputs', 'output.value', 'tool_response', 'final_result', 'output'],
];

function both(attributes: Attributes, inputs: string | readonly string[], outputs: string | readonly string[]) {
  const one = (names: string | readonly string[]) =>
    parsed(firstOf(attributes, typeof names === 'string' ? [names] : names));
  return { input: one(inputs), output: one(outputs) };
}

function ofOpenInference(attributes: Attributes): InputOutput {
  const documents = flatList(attributes, 'retrieval.documents');
  const found = documents?.map((each) => (isObject(each) ? (each.document ?? each) : each));
  const plain = both(attributes, 'input.value', 'output.value');
  return {
    input: openInferenceMessages(attributes, 'llm.input_messages') ?? plain.input,
    output:
      openInferenceMessages(attributes, 'llm.output_messages') ??
      (found === undefined ? plain.output : { documents: found }),
  };
}

const detailsEvent = 'gen_ai.client.inference.operation.details';

function ofConventions({ attributes, events }: OtelSpan, kind: SpanKind): Partial<InputOutput> {
  const details = events.find(({ name }) => name === detailsEvent)?.attributes ?? {};
  const get = (name: string) => attributes[name] ?? details[name];
  if (kind === 'TOOL') {
    return {
      input: parsed(get('gen_ai.tool.call.arguments')) ?? oldMessages(events, kind),
      output: parsed(get('gen_ai.tool.call.result')) ?? oldChoices(events, kind),
    };
  }
  const query = get('gen_ai.retrieval.query.text');
  const documents = get('gen_ai.retrieval.documents');
  const system = get('gen_ai.system_instructions');
  return {
    input:
      fromConvention(get('gen_ai.input.messages'), system) ??
      fromConvention(get('pydantic_ai.all_messages')) ??
      (query === undefined ? undefined : { query }) ??
      oldMessages(events, kind) ??
      numbered(attributes, 'gen_ai.prompt'),
    output:
      fromConvention(get('gen_ai.output.messages')) ??
      (documents === undefined ? undefined : { documents: parsed(documents) }) ??
      oldChoices(events, kind) ??
      numbered(attributes, 'gen_ai.completion'),
  };
}

/** Messages from attributes such as `gen_ai.prompt.0.role`, which OpenLLMetry wrote. */
function numbered(attributes: Attributes, prefix: string): unknown {
  const messages = flatList(attributes, prefix);
  return messages === undefined ? undefined : { messages };
}

const oldMessage = /^gen_ai\.(system|user|assistant|tool)\.message$/;

/** Messages from events of the span, where the conventions had them until version 1.36. */
function oldMessages(events: OtelSpan['events'], kind: SpanKind): unknown {
  const messages = events.flatMap(({ name, attributes }) => {
    const [, role] = oldMessage.exec(name) ?? [];
    return role === undefined ? [] : [{ role, content: parsed(attributes.content ?? null) }];
  });
  if (messages.length === 0) return undefined;
  return kind === 'TOOL' ? messages[0]?.content : { messages };
}

function oldChoices(events: OtelSpan['events'], kind: SpanKind): unknown {
  const choices = events.filter(({ name }) => name === 'gen_ai.choice');
  if (choices.length === 0) return undefined;
  const said = choices.map(({ attributes }) => parsed(attributes.message ?? attributes.content));
  if (kind === 'TOOL') return said[0];
  const messages = said.map((each) => {
    if (isObject(each) && each.content !== undefined) return { role: 'assistant', ...each };
    return { role: 'assistant', content: each ?? null };
  });
  return { messages };
}
