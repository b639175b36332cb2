import type { Answer } from '../../support/provider.js';

/* The wire format of OpenAI's chat completions, whole and in chunks. */

export const chatUsage = {
  prompt_tokens: 12,
  completion_tokens: 7,
  total_tokens: 19,
  prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 3, audio_tokens: 0, accepted_prediction_tokens: 0 },
};

/** A whole completion with one choice a message. */
export function completion(...messages: readonly object[]): object {
  return {
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-x-2026',
    choices: messages.map((message, index) => ({
      index,
      message: { role: 'assistant', content: null, refusal: null, ...message },
      finish_reason: 'tool_calls' in message ? 'tool_calls' : 'stop',
    })),
    usage: chatUsage,
  };
}

/** One chunk with one choice. */
export function chunk(delta: object, finish: string | null = null, index = 0): object {
  const choices = [{ index, delta, finish_reason: finish }];
  return { id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'gpt-x-2026', choices };
}

export const usageChunk = { ...chunk({}), choices: [], usage: chatUsage };

/** Two tool calls whose pieces are mixed. */
export const mixedToolChunks = [
  chunk({ role: 'assistant', content: null }),
  chunk({ tool_calls: [{ index: 0, id: 't1', type: 'function', function: { name: 'weather', arguments: '' } }] }),
  chunk({ tool_calls: [{ index: 1, id: 't2', type: 'function', function: { name: 'time', arguments: '{"zo' } }] }),
  chunk({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] }),
  chunk({ tool_calls: [{ index: 1, function: { arguments: 'ne":"WET"}' } }] }),
  chunk({ tool_calls: [{ index: 0, function: { arguments: '"Lisbon"}' } }] }),
  chunk({}, 'tool_calls'),
];

export const textChunks = [
  chunk({ role: 'assistant', content: '' }),
  chunk({ content: 'It is ' }),
  chunk({ content: '21 °C' }),
  chunk({}, 'stop'),
];

const toolCall = { id: 't1', type: 'function', function: { name: 'weather', arguments: '{"city":"Lisbon"}' } };

/** What of a request to OpenAI decides its answer. */
export interface OpenAIRequest {
  readonly model: string;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly messages?: readonly { readonly role: string }[];
  readonly encoding_format?: string;
  readonly input?: unknown;
}

export function chat(request: OpenAIRequest): Answer {
  const isAnswered = request.messages?.some(({ role }) => role === 'tool') === true;
  switch (request.model) {
    case 'tools':
      return { kind: 'json', body: completion(isAnswered ? { content: 'It is 21 °C' } : { tool_calls: [toolCall] }) };
    case 'refusal':
      return { kind: 'json', body: completion({ refusal: 'I will not' }) };
    case 'three':
      return { kind: 'json', body: completion({ content: 'one' }, { content: 'two' }, { content: 'three' }) };
    case 'json':
      return { kind: 'json', body: completion({ content: '{"degrees":21}' }) };
    case 'reasoning':
      return { kind: 'json', body: completion({ content: '42', reasoning_content: 'six times seven' }) };
    case 'uncounted':
      return { kind: 'json', body: { ...completion({ content: 'Hello' }), usage: undefined } };
    case 'priced':
      return { kind: 'json', body: { ...completion({ content: 'Hello' }), usage: { ...chatUsage, cost: 0.0025 } } };
    default:
      return { kind: 'json', body: completion({ content: 'Hello' }) };
  }
}

export function chatStream(request: OpenAIRequest): Answer {
  const usage = request.stream_options?.include_usage === true ? [usageChunk] : [];
  const isAnswered = request.messages?.some(({ role }) => role === 'tool') === true;
  switch (request.model) {
    case 'tools':
      return {
        kind: 'sse',
        done: true,
        events: isAnswered
          ? [...textChunks, ...usage]
          : [
              chunk({ role: 'assistant', content: null, tool_calls: [{ index: 0, ...toolCall }] }),
              chunk({}, 'tool_calls'),
              ...usage,
            ],
      };
    case 'mixed-tools':
      return { kind: 'sse', done: true, events: [...mixedToolChunks, ...usage] };
    case 'refusal':
      return {
        kind: 'sse',
        done: true,
        events: [chunk({ refusal: 'I will ' }), chunk({ refusal: 'not' }), chunk({}, 'stop')],
      };
    case 'three':
      return {
        kind: 'sse',
        done: true,
        events: [
          chunk({ content: 'b' }, null, 1),
          chunk({ content: 'a' }, null, 0),
          chunk({}, 'stop', 0),
          chunk({}, 'length', 1),
        ],
      };
    case 'reasoning':
      return {
        kind: 'sse',
        done: true,
        events: [
          chunk({ reasoning_content: 'six times ' }),
          chunk({ reasoning_content: 'seven' }),
          chunk({ content: '42' }),
          chunk({}, 'stop'),
        ],
      };
    case 'stall':
      return { kind: 'sse', events: textChunks.slice(0, 3), after: 'stall' };
    case 'cut':
      return { kind: 'sse', events: [...textChunks.slice(0, 3)], after: 'cut' };
    case 'error-inside':
      return {
        kind: 'sse',
        events: [...textChunks.slice(0, 2), { error: { message: 'boom', type: 'server_error', code: 'oops' } }],
      };
    case 'malformed-inside':
      return {
        kind: 'text',
        text: `data: ${JSON.stringify(textChunks[1])}\n\ndata: {"id":\n\n`,
        type: 'text/event-stream',
      };
    case 'json':
      return {
        kind: 'sse',
        done: true,
        events: [chunk({ content: '{"degrees":' }), chunk({ content: '21}' }), chunk({}, 'stop'), ...usage],
      };
    default:
      return { kind: 'sse', done: true, events: [...textChunks, ...usage] };
  }
}
