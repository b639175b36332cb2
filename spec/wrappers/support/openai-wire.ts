import type { Answer, Seen } from './provider.js';

/*
 * The wire format of OpenAI. The model's name in a request says what is answered: a program that asks for `tools` gets
 * a tool call, whatever it asks about.
 */

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

interface Request {
  readonly model: string;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly messages?: readonly { readonly role: string }[];
  readonly encoding_format?: string;
  readonly input?: unknown;
}

/** Answers like OpenAI. */
export function openAI(seen: Seen): Answer {
  const request = (seen.body ?? {}) as Request;
  const path = seen.path.replace(/[?].*/, '');
  const failure = failureOf(request.model, seen);
  if (failure !== undefined) return failure;
  if (path.endsWith('/embeddings')) return embedding(request);
  if (path.endsWith('/responses')) return response(request);
  if (path.endsWith('/chat/completions')) return request.stream === true ? chatStream(request) : chat(request);
  if (path.endsWith('/completions')) return legacy(request);
  return { kind: 'json', status: 404, body: { error: { message: 'not here', type: 'invalid_request_error' } } };
}

function failureOf(model: string, { before }: Seen): Answer | undefined {
  const error = (status: number, message: string, code: string | null = null): Answer => ({
    kind: 'json',
    status,
    body: { error: { message, type: 'invalid_request_error', code, param: null } },
    headers: { 'retry-after-ms': '1' },
  });
  switch (model) {
    case 'bad':
      return error(400, 'nope', 'bad_value');
    case 'no-key':
      return error(401, 'Incorrect API key provided: sk-proj-abcdefgh12345678');
    case 'limited':
      return error(429, 'slow down');
    case 'limited-once':
      return before === 0 ? error(429, 'slow down') : undefined;
    case 'malformed':
      return { kind: 'text', text: '{"id": "c1", "cho' };
    case 'hang':
      return { kind: 'hang' };
    case 'cut-first':
      return { kind: 'cut' };
    default:
      return undefined;
  }
}

function chat(request: Request): Answer {
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

function chatStream(request: Request): Answer {
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

function legacy(request: Request): Answer {
  const head = { id: 'l1', object: 'text_completion', created: 1, model: 'gpt-x-2026' };
  const choice = (text: string, finish_reason: string | null) => ({ index: 0, text, finish_reason, logprobs: null });
  if (request.stream !== true)
    return { kind: 'json', body: { ...head, choices: [choice('Hello', 'stop')], usage: chatUsage } };
  const events = [choice('Hel', null), choice('lo', 'stop')].map((each) => ({ ...head, choices: [each] }));
  return { kind: 'sse', done: true, events };
}

function embedding(request: Request): Answer {
  const numbers = new Float32Array([0.5, 0.25, -1]);
  const vector = request.encoding_format === 'base64' ? Buffer.from(numbers.buffer).toString('base64') : [...numbers];
  const inputs = Array.isArray(request.input) && typeof request.input[0] !== 'number' ? request.input : [request.input];
  const data = inputs.map((_, index) => ({ object: 'embedding', index, embedding: vector }));
  return {
    kind: 'json',
    body: { object: 'list', model: 'embed-x-2026', data, usage: { prompt_tokens: 3, total_tokens: 3 } },
  };
}

export const responseUsage = {
  input_tokens: 12,
  input_tokens_details: { cached_tokens: 4 },
  output_tokens: 7,
  output_tokens_details: { reasoning_tokens: 3 },
  total_tokens: 19,
};

export const messageItem = {
  id: 'm1',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: 'Hello', annotations: [], logprobs: [] }],
};
export const functionItem = {
  id: 'fc1',
  type: 'function_call',
  call_id: 'call1',
  name: 'weather',
  arguments: '{"city":"Lisbon"}',
  status: 'completed',
};
export const searchItem = {
  id: 'ws1',
  type: 'web_search_call',
  status: 'completed',
  action: { type: 'search', query: 'weather Lisbon' },
};
export const reasoningItem = {
  id: 'rs1',
  type: 'reasoning',
  summary: [{ type: 'summary_text', text: 'Think of Lisbon.' }],
  encrypted_content: 'c2VjcmV0',
};

export function responseBody(output: readonly object[], more: object = {}): object {
  const head = { id: 'r1', object: 'response', created_at: 1, status: 'completed', model: 'gpt-x-2026' };
  const rest = {
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    tools: [],
    parallel_tool_calls: true,
  };
  return { ...head, ...rest, output, usage: responseUsage, ...more };
}

function outputOf(model: string): readonly object[] {
  switch (model) {
    case 'tools':
      return [functionItem];
    case 'search':
      return [searchItem, messageItem];
    case 'reasoning':
      return [reasoningItem, messageItem];
    case 'picture':
      return [
        { id: 'ig1', type: 'image_generation_call', status: 'completed', result: noise(3000).toString('base64') },
      ];
    case 'mcp':
      return [
        {
          id: 'mc1',
          type: 'mcp_call',
          server_label: 'docs',
          name: 'find',
          arguments: '{"q":1}',
          output: 'found',
          error: null,
        },
        {
          id: 'mc2',
          type: 'mcp_call',
          server_label: 'docs',
          name: 'read',
          arguments: '{}',
          output: null,
          error: 'gone',
        },
        messageItem,
      ];
    case 'refusal':
      return [{ ...messageItem, content: [{ type: 'refusal', refusal: 'I will not' }] }];
    case 'json':
      return [
        { ...messageItem, content: [{ type: 'output_text', text: '{"degrees":21}', annotations: [], logprobs: [] }] },
      ];
    default:
      return [messageItem];
  }
}

function moreOf(model: string): object {
  if (model === 'incomplete') return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
  if (model === 'failed') return { status: 'failed', output: [], error: { code: 'server_error', message: 'it broke' } };
  if (model === 'queued') return { status: 'queued', output: [], usage: null };
  return {};
}

function response(request: Request): Answer {
  const { model } = request;
  const whole = responseBody(outputOf(model), moreOf(model)) as { status: string };
  if (request.stream !== true) return { kind: 'json', body: whole };
  const items = outputOf(model).flatMap((item, index) => itemEvents(item as { type: string; id: string }, index));
  const start = { type: 'response.created', response: { ...whole, status: 'in_progress', output: [], usage: null } };
  const last = { type: `response.${whole.status}`, response: whole };
  const numbered = (events: readonly object[]) => events.map((event, at) => ({ ...event, sequence_number: at }));
  switch (model) {
    case 'stall':
      return { kind: 'sse', named: true, events: numbered([start, ...items.slice(0, 4)]), after: 'stall' };
    case 'cut':
      return { kind: 'sse', named: true, events: numbered([start, ...items.slice(0, 4)]), after: 'cut' };
    case 'error-inside':
      return {
        kind: 'sse',
        named: true,
        events: numbered([
          start,
          ...items.slice(0, 4),
          { type: 'error', code: 'server_error', message: 'boom', param: null },
        ]),
      };
    default:
      return { kind: 'sse', named: true, events: numbered([start, ...items, last]) };
  }
}

function itemEvents(
  item: { type: string; id: string; content?: unknown; arguments?: unknown },
  index: number,
): readonly object[] {
  const at = { item_id: item.id, output_index: index };
  const done = { type: 'response.output_item.done', output_index: index, item };
  if (item.type === 'function_call') {
    return [
      {
        type: 'response.output_item.added',
        output_index: index,
        item: { ...item, arguments: '', status: 'in_progress' },
      },
      { type: 'response.function_call_arguments.delta', ...at, delta: '{"city":' },
      { type: 'response.function_call_arguments.delta', ...at, delta: '"Lisbon"}' },
      { type: 'response.function_call_arguments.done', ...at, name: 'weather', arguments: item.arguments },
      done,
    ];
  }
  if (item.type !== 'message')
    return [
      { type: 'response.output_item.added', output_index: index, item: { ...item, status: 'in_progress' } },
      done,
    ];
  const [part] = item.content as { type: string; text?: string; refusal?: string }[];
  const text = part?.text ?? part?.refusal ?? '';
  const kind = part?.type === 'refusal' ? 'refusal' : 'output_text';
  const field = kind === 'refusal' ? 'refusal' : 'text';
  return [
    { type: 'response.output_item.added', output_index: index, item: { ...item, content: [], status: 'in_progress' } },
    { type: 'response.content_part.added', ...at, content_index: 0, part: { ...part, [field]: '' } },
    { type: `response.${kind}.delta`, ...at, content_index: 0, delta: text.slice(0, 3), logprobs: [] },
    { type: `response.${kind}.delta`, ...at, content_index: 0, delta: text.slice(3), logprobs: [] },
    { type: `response.${kind}.done`, ...at, content_index: 0, [field]: text, logprobs: [] },
    { type: 'response.content_part.done', ...at, content_index: 0, part },
    done,
  ];
}

/** Bytes that look like a file's, the same at every run. */
export function noise(size: number): Buffer {
  let state = 1;
  return Buffer.from(
    Array.from({ length: size }, () => {
      state = (state * 1103515245 + 12345) % 2147483648;
      return (state >> 16) & 255;
    }),
  );
}
