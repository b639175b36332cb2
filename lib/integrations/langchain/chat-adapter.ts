import type { CallAdapter, ReplyFacts, RequestFacts } from '../../calls/call-adapter.js';
import { formatName, parameters, pick, toolNames } from '../../calls/parameters.js';
import { reasoning } from '../../calls/parts.js';
import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import { recordedMessage, repliedMessage, thoughtsOf } from './messages.js';
import { TokenStream } from './reply-stream.js';
import { type StreamedUsage, usageOf } from './usage.js';

/** A model call's request, as the framework reports it. */
export interface ModelRequest {
  /** The messages of a chat model: one conversation. */
  readonly messages?: unknown;
  /** The prompt of a completion model. */
  readonly prompt?: unknown;
  /** May contain keys and whole tools. */
  readonly invocationParams: unknown;
  readonly metadata: unknown;
}

/** A model's reply, as the framework reports it. */
interface ChatReply {
  readonly output: unknown;
  /** Whether the reply came from a cache. */
  readonly isCached: boolean;
}

/** The recorded name for each parameter that the framework's models have. */
const allowed: Readonly<Record<string, string>> = {
  temperature: 'temperature',
  top_p: 'top_p',
  topP: 'top_p',
  top_k: 'top_k',
  topK: 'top_k',
  seed: 'seed',
  n: 'n',
  candidateCount: 'candidate_count',
  max_tokens: 'max_tokens',
  maxTokens: 'max_tokens',
  max_output_tokens: 'max_output_tokens',
  maxOutputTokens: 'max_output_tokens',
  max_completion_tokens: 'max_completion_tokens',
  frequency_penalty: 'frequency_penalty',
  frequencyPenalty: 'frequency_penalty',
  presence_penalty: 'presence_penalty',
  presencePenalty: 'presence_penalty',
  stop: 'stop',
  stop_sequences: 'stop_sequences',
  stopSequences: 'stop_sequences',
  reasoning_effort: 'reasoning_effort',
  reasoning: 'reasoning',
  thinking: 'thinking',
  service_tier: 'service_tier',
  truncation: 'truncation',
  parallel_tool_calls: 'parallel_tool_calls',
};

/** The provider's name for prices. Source: `ls_provider` of the framework's packages, and the names that prices know. */
const providers: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  google_genai: 'google',
  google_vertexai: 'google',
  google: 'google',
  mistral: 'mistral',
  amazon_bedrock: 'aws',
  aws: 'aws',
};

/** Reads one call to a model of the framework, of any provider. */
export function modelAdapter(name: string): CallAdapter {
  let provider: string | undefined;
  let tokens: TokenStream | undefined;
  return {
    ...{ name, kind: 'LLM' },
    request(given) {
      provider = nonEmptyString(fields((given as Fields & ModelRequest).metadata).ls_provider);
      return request(given);
    },
    reply: (value) => reply(value, tokens?.usage),
    stream() {
      tokens = new TokenStream(provider);
      return tokens;
    },
  };
}

function request(given: Fields): RequestFacts {
  const { messages, prompt, invocationParams, metadata } = given as Fields & ModelRequest;
  const params = fields(invocationParams);
  const { ls_model_name, ls_provider } = fields(metadata);
  const { model, model_name, modelName, tools, response_format } = params;
  const asked =
    messages === undefined ? [{ role: 'user', content: prompt }] : list(messages).map((each) => recordedMessage(each));
  return {
    input: { messages: asked },
    model: [model, model_name, modelName, ls_model_name].map(nonEmptyString).find((each) => each !== undefined),
    parameters: parameters(pick(params, allowed), { response_format: formatName(response_format) }),
    metadata: { tools: toolNames(list(tools)) },
    call: { provider: providers[`${nonEmptyString(ls_provider)}`] },
  };
}

function reply(value: unknown, streamed: StreamedUsage | undefined): ReplyFacts {
  const { output, isCached } = value as ChatReply; // of the handler's
  const { generations, llmOutput } = fields(output);
  const answers = list(list(generations)[0]).map(fields);
  const [first] = answers;
  const { response_metadata } = fields(first?.message);
  const { model_name, model, finish_reason, stop_reason, finishReason, service_tier } = fields(response_metadata);
  const info = fields(first?.generationInfo);
  return {
    output: { messages: answers.map(({ message, text }) => repliedMessage(message, text)) },
    model: nonEmptyString(model_name) ?? nonEmptyString(model) ?? nonEmptyString(info.model_name),
    usage: isCached ? undefined : usageOf(first?.message, llmOutput, streamed),
    reasoning: reasoning(answers.map(({ message }) => thoughtsOf(message))),
    call: { serviceTier: nonEmptyString(service_tier) },
    metadata: {
      finish_reason:
        nonEmptyString(finish_reason) ??
        nonEmptyString(stop_reason) ??
        nonEmptyString(finishReason) ??
        info.finish_reason,
      cached: isCached ? true : undefined,
    },
  };
}
