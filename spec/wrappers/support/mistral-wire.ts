import type { Answer, Seen } from '../../support/provider.js';
import { failureOf } from './failures.js';

/* The wire format of Mistral. The model's name in a request says what is answered. */

const usage = {
  prompt_tokens: 12,
  completion_tokens: 7,
  total_tokens: 19,
  prompt_tokens_details: { cached_tokens: 4 },
};
const head = { id: 'mc1', created: 1, model: 'mistral-x-2026' };
const call = { id: 'tc1', index: 0, type: 'function', function: { name: 'weather', arguments: '{"city":"Lisbon"}' } };
const thought = { type: 'thinking', thinking: [{ type: 'text', text: 'Think of Lisbon.' }] };

function whole(message: object, finish = 'stop'): object {
  const choice = {
    index: 0,
    message: { role: 'assistant', content: null, tool_calls: null, prefix: false, ...message },
    finish_reason: finish,
  };
  return { ...head, object: 'chat.completion', choices: [choice], usage };
}

function chunk(delta: object, finish: string | null = null, more: object = {}): object {
  return { ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }], ...more };
}

const text = [chunk({ role: 'assistant', content: '' }), chunk({ content: 'Hel' }), chunk({ content: 'lo' })];
const last = chunk({ content: '' }, 'stop', { usage });

interface Request {
  readonly model: string;
  readonly stream?: boolean;
  readonly input?: unknown;
}

const error = (status: number, body: object): Answer => ({ kind: 'json', status, body });
const failures = {
  bad: error(400, { object: 'error', message: 'nope', type: 'invalid_request' }),
  invalid: error(422, { detail: [{ loc: ['body', 'model'], msg: 'wrong', type: 'value_error' }] }),
  limited: error(429, { message: 'slow down' }),
};

/** Answers like Mistral. */
export function mistral(seen: Seen): Answer {
  const request = (seen.body ?? {}) as Request;
  const failure = failureOf(request.model, seen, failures, '{"id": "mc1", "cho');
  if (failure !== undefined) return failure;
  if (seen.path.endsWith('/embeddings')) {
    const inputs = Array.isArray(request.input) ? request.input : [request.input];
    const data = inputs.map((_, index) => ({ object: 'embedding', index, embedding: [0.5, 0.25, -1] }));
    const counted = { prompt_tokens: 3, completion_tokens: 0, total_tokens: 3 };
    return { kind: 'json', body: { id: 'e1', object: 'list', model: 'mistral-embed', data, usage: counted } };
  }
  if (request.stream === true) return stream(request.model);
  switch (request.model) {
    case 'tools':
      return { kind: 'json', body: whole({ tool_calls: [call] }, 'tool_calls') };
    case 'thinking':
      return { kind: 'json', body: whole({ content: [thought, { type: 'text', text: 'Hello' }] }) };
    case 'json':
      return { kind: 'json', body: whole({ content: '{"degrees":21}' }) };
    case 'uncounted':
      return { kind: 'json', body: { ...whole({ content: 'Hello' }), usage: {} } };
    default:
      return { kind: 'json', body: whole({ content: 'Hello' }) };
  }
}

function stream(model: string): Answer {
  switch (model) {
    case 'tools':
      return {
        kind: 'sse',
        done: true,
        events: [
          chunk({ role: 'assistant', content: '' }),
          chunk({ content: '', tool_calls: [{ ...call, function: { name: 'weather', arguments: '{"city":' } }] }),
          chunk(
            { content: '', tool_calls: [{ ...call, function: { name: '', arguments: '"Lisbon"}' } }] },
            'tool_calls',
            { usage },
          ),
        ],
      };
    case 'thinking':
      return {
        kind: 'sse',
        done: true,
        events: [chunk({ content: [thought] }), chunk({ content: [{ type: 'text', text: 'Hello' }] }), last],
      };
    case 'stall':
      return { kind: 'sse', events: text.slice(0, 2), after: 'stall' };
    case 'cut':
      return { kind: 'sse', events: text, after: 'cut' };
    case 'json':
      return { kind: 'sse', done: true, events: [chunk({ content: '{"degrees":21}' }), last] };
    case 'malformed-inside':
      return { kind: 'text', text: `data: ${JSON.stringify(text[1])}\n\ndata: {"id":\n\n`, type: 'text/event-stream' };
    default:
      return { kind: 'sse', done: true, events: [...text, last] };
  }
}
