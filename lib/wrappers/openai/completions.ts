import { bodyError } from '../../calls/body-error.js';
import type { CallAdapter } from '../../calls/call-adapter.js';
import { firstError } from '../../calls/openai/chat.js';
import { choiceMessage, finishReasons } from '../../calls/openai/chat-messages.js';
import { ChatStream } from '../../calls/openai/chat-stream.js';
import { costInHeaders, statedCost } from '../../calls/openai/cost.js';
import { piecesOf } from '../../calls/openai/pieces.js';
import { chatUsage, usageOf } from '../../calls/openai/usage.js';
import { parameters, pick } from '../../calls/parameters.js';
import { byIndex, type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';

const allowed = [
  'temperature',
  'top_p',
  'max_tokens',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'n',
  'best_of',
  'echo',
  'stop',
  'logprobs',
  'stream_options',
];

/** `client.completions.create()`: a prompt instead of messages. */
export const completions: CallAdapter = {
  name: 'openai-completion',
  kind: 'LLM',
  request: (request: Fields) => ({
    input: { messages: promptMessages(request.prompt) },
    model: nonEmptyString(request.model),
    parameters: parameters(pick(request, allowed)),
  }),
  reply(reply) {
    const { id, model, choices } = fields(reply);
    const usage = usageOf(reply);
    const inOrder = byIndex(list(choices)).map(fields);
    const error = bodyError(reply) ?? firstError(inOrder);
    return {
      output: { messages: inOrder.map(({ text }) => choiceMessage({ parts: piecesOf(text).parts })) },
      model: nonEmptyString(model),
      usage: chatUsage(usage),
      cost: statedCost(reply, usage),
      metadata: {
        response_id: id,
        ...finishReasons(inOrder.map((choice) => choice.finish_reason)),
        error: error?.details,
      },
      error: error?.text,
    };
  },
  stream: () => new ChatStream(),
  head: costInHeaders,
};

/** One text, several texts, or token ids, of which only the number is recorded. */
function promptMessages(prompt: unknown): readonly unknown[] {
  const isTexts = Array.isArray(prompt) && prompt.every((item) => typeof item === 'string');
  const prompts: readonly unknown[] = isTexts ? prompt : [prompt];
  return prompts.map((item) => ({
    role: 'user',
    content: typeof item === 'string' ? item : `[${list(item).flat().length} tokens]`,
  }));
}
