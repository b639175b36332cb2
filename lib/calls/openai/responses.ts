import type { CallAdapter, RequestFacts } from '../call-adapter.js';
import { formatName, parameters, pick, toolNames } from '../parameters.js';
import { type Fields, fields, list, nonEmptyString, omitNullish } from '../read-unknown.js';
import { costInHeaders } from './cost.js';
import { inputMessages, promptVariables } from './response-items.js';
import { responseReply } from './response-reply.js';
import { ResponseStream } from './response-stream.js';

const allowed = [
  'max_output_tokens',
  'max_tool_calls',
  'temperature',
  'top_p',
  'top_logprobs',
  'reasoning',
  'truncation',
  'service_tier',
  'tool_choice',
  'parallel_tool_calls',
  'background',
];

/** `client.responses.create()`, and the helpers that call it. */
export const responses: CallAdapter = {
  name: 'openai-response',
  kind: 'LLM',
  request: responseRequest,
  reply: responseReply,
  head: costInHeaders,
  stream: () => new ResponseStream(),
};

/** `client.responses.compact()`: the model shortens the conversation. */
export const compaction: CallAdapter = { ...responses, name: 'openai-compaction' };

function responseRequest(request: Fields): RequestFacts {
  const { instructions, input, model, text, tools, previous_response_id, conversation, prompt } = request;
  const { format, verbosity } = fields(text);
  return {
    input: omitNullish({ messages: inputMessages(instructions, input), prompt_variables: promptVariables(prompt) }),
    model: nonEmptyString(model),
    parameters: parameters(pick(request, allowed), { text: omitNullish({ format: formatName(format), verbosity }) }),
    metadata: {
      tools: toolNames(list(tools)),
      // With one of these the input alone is not the whole context.
      previous_response_id: nonEmptyString(previous_response_id),
      conversation: nonEmptyString(conversation) ?? nonEmptyString(fields(conversation).id),
      prompt_id: nonEmptyString(fields(prompt).id),
      prompt_version: nonEmptyString(fields(prompt).version),
    },
  };
}
