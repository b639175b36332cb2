import { tokens } from './peers/peer.js';

/** The bodies that one path of a provider answers with. */
export interface Replies {
  readonly whole: string;
  readonly streamed: string;
}

/** Chunks of content in a streamed answer. */
export const chunksPerStream = 400;

const words = Array.from({ length: chunksPerStream }, (_, at) => ` word ${at}`);
const model = 'gpt-5.4-mini';
const usage = {
  prompt_tokens: tokens.prompt,
  completion_tokens: tokens.completion,
  total_tokens: tokens.prompt + tokens.completion,
};
const chatHead = { id: 'chatcmpl-1', created: 1, model };
const chat: Replies = {
  whole: JSON.stringify({
    ...chatHead,
    object: 'chat.completion',
    choices: [
      { index: 0, message: { role: 'assistant', content: words.join('').slice(0, 500) }, finish_reason: 'stop' },
    ],
    usage,
  }),
  streamed: events([
    ...words.map((content) => chatChunk([{ index: 0, delta: { content }, finish_reason: null }])),
    chatChunk([{ index: 0, delta: {}, finish_reason: 'stop' }]),
    { ...chatChunk([]), usage },
    '[DONE]',
  ]),
};

function chatChunk(choices: readonly object[]) {
  return { ...chatHead, object: 'chat.completion.chunk', choices };
}

const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-sonnet-5', stop_sequence: null };
const counted = { input_tokens: tokens.prompt, output_tokens: tokens.completion };
const messages: Replies = {
  whole: JSON.stringify({
    ...message,
    content: [{ type: 'text', text: words.join('').slice(0, 500) }],
    stop_reason: 'end_turn',
    usage: counted,
  }),
  streamed: events([
    { type: 'message_start', message: { ...message, content: [], stop_reason: null, usage: counted } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ...words.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: counted },
    { type: 'message_stop' },
  ]),
};

function events(all: readonly (string | object)[]): string {
  return all
    .map((event) => {
      if (typeof event === 'string') return `data: ${event}\n\n`;
      const name = 'type' in event ? `event: ${String(event.type)}\n` : '';
      return `${name}data: ${JSON.stringify(event)}\n\n`;
    })
    .join('');
}

/** By path. Sources: OpenAI API reference, chat completions; Claude API documentation, messages and their streams. */
export const replyTexts: Readonly<Record<string, Replies>> = { '/v1/chat/completions': chat, '/v1/messages': messages };
