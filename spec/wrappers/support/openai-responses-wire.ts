import type { Answer } from '../../support/provider.js';
import { noise } from './noise.js';
import type { OpenAIRequest } from './openai-chat-wire.js';

/* The wire format of OpenAI's responses, whole and in events. */

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
    case 'picture and words': {
      const picture = { type: 'image_generation_call', status: 'completed', result: noise(3000).toString('base64') };
      return [messageItem, messageItem, picture, messageItem];
    }
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

/** Answers a request for a response. */
export function response(request: OpenAIRequest): Answer {
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
