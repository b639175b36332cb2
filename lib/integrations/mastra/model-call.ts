import {
  type CallAdapter,
  type Counts,
  noStream,
  type RecordedMessage,
  type ReplyFacts,
} from '../../calls/call-adapter.js';
import { inclusiveCounts } from '../../calls/counts.js';
import { parameters, pick } from '../../calls/parameters.js';
import { assistantMessage, reasoning, textPart, toolMessage } from '../../calls/parts.js';
import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import { callSettings } from '../vercel-ai/call-settings.js';
import { calledTool, requestMessages } from '../vercel-ai/messages.js';

/** Reads a model's span, but never its `metadata`, which holds the provider's headers and body. */
export const modelAdapter = (kind: 'LLM' | 'EMBEDDING'): CallAdapter => ({
  name: 'mastra',
  kind,
  request: ({ input, attributes }) => {
    const {
      model,
      modelId,
      provider,
      availableTools,
      toolChoice,
      responseFormat,
      parameters: given,
    } = fields(attributes);
    const choice = nonEmptyString(fields(toolChoice).toolName) ?? nonEmptyString(toolChoice);
    return {
      input,
      model: nonEmptyString(model) ?? nonEmptyString(modelId),
      parameters: parameters(pick(fields(given), callSettings), {
        tools: list(availableTools).length === 0 ? undefined : availableTools,
        tool_choice: choice === 'auto' ? undefined : choice,
        response_format: nonEmptyString(responseFormat) && { type: responseFormat },
      }),
      metadata: { provider },
    };
  },
  reply: (span) =>
    kind === 'LLM' ? replyFacts(fields(span)) : { usage: usageOf(fields(fields(span).attributes).usage) },
  stream: noStream,
});

function replyFacts({ output, attributes }: Fields): ReplyFacts {
  const { usage, finishReason, responseModel } = fields(attributes);
  const said = replyMessage(output);
  return {
    output: said && { messages: [said] },
    model: nonEmptyString(responseModel),
    usage: usageOf(usage),
    metadata: { finish_reason: nonEmptyString(finishReason) },
    reasoning: thoughtsOf(fields(output).reasoning),
  };
}

/** The model's answer; undefined if there is none. */
export function replyMessage(output: unknown): RecordedMessage | undefined {
  const { text, toolCalls } = fields(output);
  const said = nonEmptyString(text);
  const calls = list(toolCalls).map(callOf);
  if (said === undefined && calls.length === 0) return undefined;
  return assistantMessage(said === undefined ? [] : [textPart(said)], calls);
}

/** A tool call, which may be wrapped in `payload`. */
function callOf(call: unknown): unknown {
  return calledTool(fields(call).payload ?? call);
}

/** The model's answer as the next call gets it, with the results of its tools. */
export function turn(output: unknown, results: ReadonlyMap<unknown, unknown>): readonly unknown[] {
  const said = replyMessage(output);
  if (said === undefined) return [];
  const answers = list(fields(output).toolCalls).flatMap((call) => {
    const { toolCallId, toolName } = fields(fields(call).payload ?? call);
    return results.has(toolCallId) ? [toolMessage(toolCallId, toolName, results.get(toolCallId) ?? null)] : [];
  });
  return [said, ...answers];
}

/** The input of a run or a model call: a text, or messages in one of the forms that Mastra accepts. */
export function askedMessages(input: unknown): readonly unknown[] {
  const { messages } = fields(input);
  const asked = messages ?? (Array.isArray(input) || typeof input === 'string' ? input : undefined);
  const plain = Array.isArray(asked) ? asked.map(withContent) : asked;
  return requestMessages(plain)?.messages ?? [];
}

/** A message with its parts as `content`. Messages of UIs have `parts`, messages of the memory have them within `content`. */
function withContent(message: unknown): unknown {
  if (typeof message === 'string') return { role: 'user', content: message };
  const { role, content, parts } = fields(message);
  const inner = Array.isArray(parts) ? parts : fields(content).parts;
  return Array.isArray(inner) ? { role, content: inner } : message;
}

function thoughtsOf(thoughts: unknown): string | undefined {
  if (typeof thoughts === 'string') return nonEmptyString(thoughts);
  return reasoning(list(thoughts).map((each) => nonEmptyString(fields(fields(each).payload ?? each).text)));
}

/**
 * Token counts. Mastra passes on what the provider's package counts: packages for `ai` 5 may count cached tokens beside the
 * prompt, and reasoning beside the completion.
 */
function usageOf(usage: unknown): Counts | undefined {
  const { inputTokens, outputTokens, totalTokens, inputDetails, outputDetails } = fields(usage);
  const sent = fields(inputDetails);
  const made = fields(outputDetails);
  return inclusiveCounts({
    prompt: inputTokens,
    completion: outputTokens,
    total: totalTokens,
    reasoning: made.reasoning,
    cacheRead: sent.cacheRead,
    cacheCreation: sent.cacheWrite,
    more: {
      cache_creation_1h_tokens: sent.cacheWrite1h,
      prompt_audio_tokens: sent.audio,
      prompt_image_tokens: sent.image,
      audio_tokens: made.audio,
      image_tokens: made.image,
    },
  });
}
