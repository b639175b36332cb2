import { type BodyError, bodyError, choiceError } from '../body-error.js';
import type { CallAdapter, ReplyFacts, RequestFacts } from '../call-adapter.js';
import { formatName, parameters, pick, toolNames } from '../parameters.js';
import { byIndex, type Fields, fields, list, nonEmptyString } from '../read-unknown.js';
import { finishReasons, replyMessage, replyReasoning, requestMessage, withSources } from './chat-messages.js';
import { ChatStream } from './chat-stream.js';
import { costInHeaders, statedCost } from './cost.js';
import { moderated } from './moderated.js';
import { chatUsage, usageOf } from './usage.js';

/** Never `user`, `safety_identifier`, `prompt_cache_key` or `metadata`, which may identify people. */
const allowed = [
  'temperature',
  'top_p',
  'max_tokens',
  'max_completion_tokens',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'n',
  'stop',
  'logprobs',
  'top_logprobs',
  'reasoning_effort',
  'stream_options',
  'service_tier',
  'tool_choice',
  'parallel_tool_calls',
  'verbosity',
  'modalities',
];

/** `client.chat.completions.create()`, and the helpers that call it. */
export const chat: CallAdapter = {
  name: 'openai-chat',
  kind: 'LLM',
  request: chatRequest,
  reply: chatReply,
  head: costInHeaders,
  stream: () => new ChatStream(),
};

function chatRequest(request: Fields): RequestFacts {
  const { messages, model, response_format, tools, functions } = request;
  return {
    input: { messages: list(messages).map(requestMessage) },
    model: nonEmptyString(model),
    parameters: parameters(pick(request, allowed), { response_format: formatName(response_format) }),
    metadata: { tools: toolNames([...list(tools), ...list(functions)]) },
  };
}

/** The facts of a chat or a legacy completion. */
export function chatReply(reply: unknown): ReplyFacts {
  const { id, model, choices, citations, provider, service_tier, moderation } = fields(reply);
  const usage = usageOf(reply);
  const inOrder = byIndex(list(choices));
  const messages = inOrder.map(choiceContent);
  const error = bodyError(reply) ?? firstError(inOrder);
  return {
    output: messages.length === 0 ? undefined : { messages: withSources(messages.map(replyMessage), citations) },
    model: nonEmptyString(model),
    usage: chatUsage(usage),
    cost: statedCost(reply, usage),
    metadata: {
      response_id: id,
      // Gateways name the provider that answered.
      provider: nonEmptyString(provider),
      ...finishReasons(inOrder.map((choice) => fields(choice).finish_reason ?? fields(choice).stop_reason)),
      moderation: moderated(moderation),
      error: error?.details,
    },
    call: { serviceTier: nonEmptyString(service_tier) },
    reasoning: replyReasoning(messages),
    error: error?.text,
  };
}

/** Legacy completions, and DeepSeek on Bedrock, have a text where others have a message. */
function choiceContent(choice: unknown): unknown {
  const { message, text } = fields(choice);
  return message ?? { content: text };
}

/** The failure of the first choice that has one. */
export function firstError(choices: readonly unknown[]): BodyError | undefined {
  for (const choice of choices) {
    const error = choiceError(choice);
    if (error !== undefined) return error;
  }
  return undefined;
}
