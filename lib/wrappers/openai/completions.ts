import { byIndex, type Fields, fields, filled, list } from '../narrow.js';
import { parameters, pick } from '../parameters.js';
import type { Translation } from '../translation.js';
import { choiceMessage, finishReasons } from './chat-messages.js';
import { ChatStream } from './chat-stream.js';
import { chatUsage, statedCost } from './usage.js';

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
export const completions: Translation = {
  name: 'openai-completion',
  kind: 'LLM',
  request: (request: Fields) => ({
    input: { messages: promptMessages(request.prompt) },
    model: filled(request.model),
    parameters: parameters(pick(request, allowed)),
  }),
  reply(reply) {
    const { id, model, choices, usage } = fields(reply);
    const inOrder = byIndex(list(choices)).map(fields);
    return {
      output: { messages: inOrder.map(({ text }) => choiceMessage(plain(text))) },
      model: filled(model),
      usage: chatUsage(usage),
      cost: statedCost(usage),
      metadata: { response_id: id, ...finishReasons(inOrder.map((choice) => choice.finish_reason)) },
    };
  },
  stream: () => new ChatStream(),
};

function plain(text: unknown) {
  return { text: typeof text === 'string' ? text : null, refusal: undefined, toolCalls: [] };
}

/** One text, several texts, or token numbers, of which only the count is told. */
function promptMessages(prompt: unknown): readonly unknown[] {
  const isTexts = Array.isArray(prompt) && prompt.every((item) => typeof item === 'string');
  const prompts: readonly unknown[] = isTexts ? prompt : [prompt];
  return prompts.map((item) => ({
    role: 'user',
    content: typeof item === 'string' ? item : `[${list(item).flat().length} tokens]`,
  }));
}
