import type { CallAdapter, RequestFacts } from '../call-adapter.js';
import { formatName, parameters, pick, toolNames } from '../parameters.js';
import { type Fields, fields, list, nonEmptyString, omitNullish } from '../read-unknown.js';
import { requestMessages } from './blocks.js';
import { MessageEvents } from './message-events.js';
import { messageReply } from './reply.js';

/** Never `metadata`: it names users. */
const allowed = [
  'temperature',
  'top_p',
  'top_k',
  'max_tokens',
  'stop_sequences',
  'thinking',
  'tool_choice',
  'service_tier',
  'speed',
];

/** `client.messages.create()` and `client.beta.messages.create()`, and the helpers that call them. */
export const messages: CallAdapter = {
  name: 'anthropic-messages',
  kind: 'LLM',
  request: messagesRequest,
  reply: messageReply,
  stream: () => new MessageEvents(),
};

function messagesRequest(request: Fields): RequestFacts {
  const { system, messages: sent, model, tools, output_config, thread } = request;
  const { effort, format } = fields(output_config);
  return {
    input: { messages: requestMessages(system, sent) },
    model: nonEmptyString(model),
    parameters: parameters(pick(request, allowed), {
      output_config: omitNullish({ effort, format: formatName(format) }),
    }),
    metadata: {
      tools: toolNames(list(tools)),
      // The messages before this one are kept at the provider.
      previous_message_id: nonEmptyString(fields(thread).previous_message_id),
    },
  };
}
