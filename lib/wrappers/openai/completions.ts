import type { CallAdapter } from '../../calls/call-adapter.js';
import { chatReply } from '../../calls/openai/chat.js';
import { ChatStream } from '../../calls/openai/chat-stream.js';
import { costInHeaders } from '../../calls/openai/cost.js';
import { parameters, pick } from '../../calls/parameters.js';
import { type Fields, list, nonEmptyString } from '../../calls/read-unknown.js';

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
  reply: chatReply, // a choice has a text where those of chats have a message
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
