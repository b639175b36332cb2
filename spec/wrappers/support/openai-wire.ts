import type { Answer, Seen } from '../../support/provider.js';
import { failureOf } from './failures.js';
import { chat, chatStream, chatUsage, type OpenAIRequest } from './openai-chat-wire.js';
import { response } from './openai-responses-wire.js';

/*
 * The wire format of OpenAI. The model's name in a request says what is answered: a program that asks for `tools` gets
 * a tool call, whatever it asks about.
 */

const error = (status: number, message: string, code: string | null = null): Answer => ({
  kind: 'json',
  status,
  body: { error: { message, type: 'invalid_request_error', code, param: null } },
  headers: { 'retry-after-ms': '1' },
});
const failures = {
  bad: error(400, 'nope', 'bad_value'),
  'no-key': error(401, 'Incorrect API key provided: sk-proj-abcdefgh12345678'),
  limited: error(429, 'slow down'),
};

/** Answers like OpenAI. */
export function openAI(seen: Seen): Answer {
  const request = (seen.body ?? {}) as OpenAIRequest;
  const path = seen.path.replace(/[?].*/, '');
  const failure = failureOf(request.model, seen, failures, '{"id": "c1", "cho');
  if (failure !== undefined) return failure;
  if (path.endsWith('/embeddings')) return embedding(request);
  if (path.endsWith('/responses')) return response(request);
  if (path.endsWith('/chat/completions')) return request.stream === true ? chatStream(request) : chat(request);
  if (path.endsWith('/completions')) return legacy(request);
  return { kind: 'json', status: 404, body: { error: { message: 'not here', type: 'invalid_request_error' } } };
}

function legacy(request: OpenAIRequest): Answer {
  const head = { id: 'l1', object: 'text_completion', created: 1, model: 'gpt-x-2026' };
  const choice = (text: string, finish_reason: string | null) => ({ index: 0, text, finish_reason, logprobs: null });
  if (request.stream !== true)
    return { kind: 'json', body: { ...head, choices: [choice('Hello', 'stop')], usage: chatUsage } };
  const events = [choice('Hel', null), choice('lo', 'stop')].map((each) => ({ ...head, choices: [each] }));
  return { kind: 'sse', done: true, events };
}

function embedding(request: OpenAIRequest): Answer {
  const numbers = new Float32Array([0.5, 0.25, -1]);
  const vector = request.encoding_format === 'base64' ? Buffer.from(numbers.buffer).toString('base64') : [...numbers];
  const inputs = Array.isArray(request.input) && typeof request.input[0] !== 'number' ? request.input : [request.input];
  const data = inputs.map((_, index) => ({ object: 'embedding', index, embedding: vector }));
  return {
    kind: 'json',
    body: { object: 'list', model: 'embed-x-2026', data, usage: { prompt_tokens: 3, total_tokens: 3 } },
  };
}
