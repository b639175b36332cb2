import type { CallAdapter, Counts, ReplyFacts, ReplyStream, RequestFacts } from '../../calls/call-adapter.js';
import { counts } from '../../calls/counts.js';
import { firstError } from '../../calls/openai/chat.js';
import { finishReasons } from '../../calls/openai/chat-messages.js';
import { ChatStream } from '../../calls/openai/chat-stream.js';
import { formatName, parameters, pick, toolNames } from '../../calls/parameters.js';
import { assistantMessage, reasoning } from '../../calls/parts.js';
import { asText, byIndex, type Fields, fields, isFields, list, nonEmptyString } from '../../calls/read-unknown.js';
import { messageParts, requestMessage, thoughts, toolCalls } from './messages.js';

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
  stream: () => new MistralStream(),
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
  const messages = inOrder.map((choice) => fields(fields(choice).message));
  const reasons = inOrder.map((choice) => fields(choice).finishReason);
  const error = firstError(reasons.map((finish_reason) => ({ finish_reason })));
  return {
    output: {
      messages: messages.map((message) =>
        assistantMessage(messageParts(message.content), toolCalls(message.toolCalls)),
      ),
    },
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

/** Chunks have the form of OpenAI's with names in camelCase: each is renamed, and then assembled like OpenAI's. */
class MistralStream implements ReplyStream {
  readonly #stream = new ChatStream();
  #usage: unknown;

  get isComplete(): boolean {
    return this.#stream.isComplete;
  }

  add(event: unknown): boolean {
    const { id, model, choices, usage } = fields(fields(event).data);
    if (isFields(usage)) this.#usage = { ...usage };
    return this.#stream.add({ id, model, choices: list(choices).map(choiceChunk) });
  }

  facts(): ReplyFacts {
    return {
      ...this.#stream.facts(),
      usage: mistralUsage(this.#usage),
      call: { serviceTier: tierOf(this.#usage) },
    };
  }
}

function choiceChunk(choice: unknown): unknown {
  const { index, delta, finishReason } = fields(choice);
  const { content, toolCalls: calls } = fields(delta);
  const asked = list(calls).map(callChunk);
  const isText = typeof content === 'string' && content !== '' && asked.length === 0;
  return { index, finish_reason: finishReason, delta: isText ? { content } : anyDelta(content, asked) };
}

function anyDelta(content: unknown, asked: readonly unknown[]): Fields {
  return { content: messageParts(content), reasoning_content: thoughts(content), tool_calls: asked };
}

function callChunk(call: unknown): unknown {
  const { id, index, function: called } = fields(call);
  const { name, arguments: input } = fields(called);
  return { id: id === 'null' ? undefined : id, index, function: { name, arguments: asText(input) } };
}
