import type { CallAdapter, RequestFacts } from '../../calls/call-adapter.js';
import { formatName, parameters, pick, toolNames } from '../../calls/parameters.js';
import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import type { CallFacts } from '../../model/records.js';
import { callSettings } from './call-settings.js';
import { requestMessages } from './messages.js';
import { ModelReply, ModelStream } from './model-stream.js';

/** Reads calls of the SDK's language models, in every version from `LanguageModelV2` (`ai` 5) to V4 (`ai` 7). */
export const languageModel: CallAdapter = {
  name: 'ai-sdk',
  kind: 'LLM',
  request: requestFacts,
  reply: (result) => ModelReply.from(result).facts(),
  stream: () => new ModelStream(),
};

/** The facts of a request, from an event or a model's options. Never its headers, its body and `providerOptions`. */
function requestFacts(request: Fields): RequestFacts {
  const { modelId, provider, instructions, prompt, promptMessages, messages, tools, toolChoice } = request;
  return {
    input: requestMessages(prompt ?? promptMessages ?? messages, instructions),
    model: nonEmptyString(modelId),
    parameters: parameters(pick(request, callSettings), {
      tools: toolNames(list(tools)),
      tool_choice: choiceName(toolChoice),
      response_format: formatName(request.responseFormat),
    }),
    metadata: { provider },
    call: { provider: clientOf(provider) },
  };
}

/** The name of a tool choice; undefined for `auto`, which is the default. */
function choiceName(choice: unknown): string | undefined {
  const { type, toolName } = fields(choice);
  const name = nonEmptyString(toolName) ?? nonEmptyString(type) ?? nonEmptyString(choice);
  return name === 'auto' ? undefined : name;
}

/** The provider's name for prices, by the SDK's name: `google.generative-ai`, `amazon-bedrock`. */
const clients: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  google: 'google',
  mistral: 'mistral',
  'amazon-bedrock': 'aws',
};

export function clientOf(provider: unknown): CallFacts['provider'] {
  const [name = ''] = String(provider).split('.');
  return Object.hasOwn(clients, name) ? clients[name] : undefined;
}
