import type { SpanKind } from '../../model/kinds.js';
import { fromConvention } from '../messages.js';
import type { JsonObject } from '../values.js';
import { type Attributes, isObject } from '../wire/any-value.js';
import { entryOf, jsonOr, textOrNone } from './parsed.js';

/*
 * Spans of Genkit. Each action has its input and output, of any type, as JSON text. Those of a model are Genkit's own request and
 * response. Source: `@genkit-ai/core` 1.42, `tracing/instrumentation.js`, and `@genkit-ai/ai`, `model-types.js`.
 */

const kinds: Readonly<Record<string, SpanKind | undefined>> = {
  ...{ model: 'LLM', 'background-model': 'LLM', embedder: 'EMBEDDING', retriever: 'RETRIEVER', reranker: 'RETRIEVER' },
  ...{ tool: 'TOOL', 'tool.v2': 'TOOL', agent: 'AGENT', flow: 'CHAIN', prompt: 'CHAIN', 'executable-prompt': 'CHAIN' },
};

/** @param type - an action, a step of a flow, or one of Genkit's own functions */
export function genkitKind(type: string, attributes: Attributes): SpanKind {
  if (type === 'flowStep') return 'CHAIN';
  // The span of `generate` is around the calls of the model, and of the tools that the model asks for.
  if (type === 'util') return attributes['genkit:name'] === 'generate' ? 'AGENT' : 'OTHER';
  return entryOf(kinds, String(attributes['genkit:metadata:subtype'])) ?? 'OTHER';
}

export function genkitInput(attributes: Attributes): unknown {
  const input = json(attributes['genkit:input']);
  return (isObject(input) && messagesOf(input.messages)) || input;
}

export function genkitOutput(attributes: Attributes): unknown {
  const output = json(attributes['genkit:output']);
  if (!isObject(output) || !isObject(output.message)) return output;
  return messagesOf([{ ...output.message, finish_reason: output.finishReason }]) ?? output;
}

/** The model without the name of its plugin: `googleai/gemini-2.5-flash` is called `gemini-2.5-flash` by its provider. */
export function genkitModel(attributes: Attributes): string | undefined {
  return textOrNone(attributes['genkit:name'])?.replace(/^[^/]*\//, '');
}

/** The parameters of a model call. */
export function genkitConfig(attributes: Attributes): unknown {
  const input = isModel(attributes) ? json(attributes['genkit:input']) : undefined;
  return isObject(input) ? input.config : undefined;
}

/** The tokens of a model call, under the names of other dialects. A call of `generate` repeats those of its last model call. */
export function genkitUsage(attributes: Attributes): JsonObject | undefined {
  const output = isModel(attributes) ? json(attributes['genkit:output']) : undefined;
  if (!isObject(output) || !isObject(output.usage)) return undefined;
  const { inputTokens, outputTokens, totalTokens, thoughtsTokens, cachedContentTokens } = output.usage;
  // Gemini does not count thoughts in the output, other models do. The total shows which.
  const isBeside =
    typeof thoughtsTokens === 'number' && Number(inputTokens) + Number(outputTokens) + thoughtsTokens === totalTokens;
  return {
    ...{ input: inputTokens, output: isBeside ? Number(outputTokens) + thoughtsTokens : outputTokens },
    ...{ total: totalTokens, output_reasoning: thoughtsTokens, input_cache_read: cachedContentTokens },
  };
}

function isModel(attributes: Attributes): boolean {
  return genkitKind(String(attributes['genkit:type']), attributes) === 'LLM';
}

function json(value: unknown): unknown {
  return typeof value === 'string' ? jsonOr(value) : value;
}

/** Genkit's messages as `{ messages }`. */
function messagesOf(list: unknown): unknown {
  if (!Array.isArray(list) || !list.every((each) => isObject(each) && Array.isArray(each.content))) return undefined;
  return fromConvention(
    list.map(({ role, content, metadata: _, ...rest }: Attributes) => ({
      ...rest,
      role: role === 'model' ? 'assistant' : role,
      parts: (content as readonly unknown[]).map(partOf), // a list: checked above
    })),
  );
}

function partOf(part: unknown): unknown {
  if (!isObject(part)) return part;
  const { text, reasoning, media, toolRequest, toolResponse } = part;
  if (typeof text === 'string') return { type: 'text', content: text };
  if (typeof reasoning === 'string') return { type: 'reasoning', content: reasoning };
  if (isObject(toolRequest)) {
    return { type: 'tool_call', id: toolRequest.ref, name: toolRequest.name, arguments: toolRequest.input };
  }
  if (isObject(toolResponse))
    return { type: 'tool_call_response', id: toolResponse.ref, response: toolResponse.output };
  const isImage = isObject(media) && String(media.contentType ?? media.url).startsWith('image/');
  return isImage ? { type: 'uri', modality: 'image', uri: media.url } : part;
}
