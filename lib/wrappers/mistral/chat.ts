import type { CallAdapter, Counts, ReplyFacts, RequestFacts } from '../../calls/call-adapter.js';
import { counts } from '../../calls/counts.js';
import { firstError } from '../../calls/openai/chat.js';
import { finishReasons } from '../../calls/openai/chat-messages.js';
import { formatName, parameters, pick, toolNames } from '../../calls/parameters.js';
import { reasoning } from '../../calls/parts.js';
import { byIndex, type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import { ChatStream } from './chat-stream.js';
import { answerMessage, choiceMessages, requestMessage, thoughts } from './messages.js';

/** Parameter names of the client, and the names under which they are recorded. */
export const allowed = {
  temperature: 'temperature',
  topP: 'top_p',
  maxTokens: 'max_tokens',
  randomSeed: 'random_seed',
  safePrompt: 'safe_prompt',
  toolChoice: 'tool_choice',
  parallelToolCalls: 'parallel_tool_calls',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  n: 'n',
  stop: 'stop',
  reasoningEffort: 'reasoning_effort',
  serviceTier: 'service_tier',
  promptMode: 'prompt_mode',
};

/** `client.chat.complete()`, `stream()`, `parse()` and `parseStream()`. */
export const chat: CallAdapter = {
  name: 'mistral-chat',
  kind: 'LLM',
  request: (request) => requestFacts(request, list(request.messages).map(requestMessage)),
  reply: chatReply,
  stream: () => new ChatStream(chatReply),
};

/** `client.agents.complete()` and `stream()`. */
export const agents: CallAdapter = { ...chat, name: 'mistral-agent' };

/** `client.fim.complete()` and `stream()`: the text between a prompt and a suffix. */
export const fim: CallAdapter = {
  ...chat,
  name: 'mistral-fim',
  request(request) {
    const { prompt, suffix } = request;
    const end = nonEmptyString(suffix);
    const message = { role: 'user', content: prompt ?? null };
    return requestFacts(request, [end === undefined ? message : { ...message, suffix: end }]);
  },
};

function requestFacts(request: Fields, messages: readonly unknown[]): RequestFacts {
  const { model, responseFormat, tools, agentId } = request;
  return {
    input: { messages },
    model: nonEmptyString(model),
    parameters: parameters(pick(request, allowed), { response_format: formatName(responseFormat) }),
    metadata: { tools: toolNames(list(tools)), agent_id: nonEmptyString(agentId) },
  };
}

function chatReply(reply: unknown): ReplyFacts {
  const { id, model, choices, usage } = fields(reply);
  const inOrder = byIndex(list(choices));
  const messages = inOrder.flatMap(choiceMessages);
  const reasons = inOrder.map((choice) => fields(choice).finishReason);
  const error = firstError(reasons.map((finish_reason) => ({ finish_reason })));
  return {
    output: messages.length === 0 ? undefined : { messages: messages.map(answerMessage) },
    model: nonEmptyString(model),
    usage: mistralUsage(usage),
    metadata: { response_id: id, ...finishReasons(reasons), error: error?.details },
    call: { serviceTier: tierOf(usage) },
    error: error?.text,
    reasoning: reasoning(messages.map((message) => thoughts(message.content))),
  };
}

function tierOf(usage: unknown): string | undefined {
  const { serviceTier, service_tier } = fields(usage);
  return nonEmptyString(serviceTier ?? service_tier);
}

/** Token counts. Fields that the client does not know yet have the API's names, in snake_case. */
export function mistralUsage(usage: unknown): Counts | undefined {
  const source = fields(usage);
  // The client sets 0 if the provider gives no count, and no prompt has no tokens.
  if (source.promptTokens === 0 && source.totalTokens === 0) return undefined;
  const details = fields(source.promptTokensDetails ?? source.prompt_tokens_details ?? source.promptTokenDetails);
  const made = fields(source.completionTokensDetails ?? source.completion_tokens_details);
  return counts({
    prompt: source.promptTokens,
    completion: source.completionTokens,
    total: source.totalTokens,
    reasoning: made.reasoningTokens ?? made.reasoning_tokens,
    cacheRead: details.cachedTokens ?? details.cached_tokens ?? source.numCachedTokens ?? source.num_cached_tokens,
  });
}
