import type { Answer, Seen } from '../../support/provider.js';
import { failureOf } from './failures.js';
import { noise } from './noise.js';

/* The wire format of Anthropic. The model's name in a request says what is answered. */

export const usage = {
  input_tokens: 10,
  output_tokens: 9,
  cache_read_input_tokens: 3,
  cache_creation_input_tokens: 2,
  output_tokens_details: { thinking_tokens: 4 },
};

const text = { type: 'text', text: 'Hello', citations: null };
const toolUse = { type: 'tool_use', id: 'tu_1', name: 'weather', input: { city: 'Lisbon' } };
const thinking = { type: 'thinking', thinking: 'Think of Lisbon.', signature: 'c2lnbmF0dXJl' };
const serverUse = { type: 'server_tool_use', id: 'st_1', name: 'web_search', input: { query: 'Lisbon' } };
const searchResult = {
  type: 'web_search_tool_result',
  tool_use_id: 'st_1',
  content: [
    {
      type: 'web_search_result',
      title: 'Weather',
      url: 'https://example.com/weather',
      encrypted_content: noise(3000).toString('base64'),
      page_age: null,
    },
  ],
};

export function message(content: readonly object[], more: object = {}): object {
  const stop_reason = content.some((block) => 'type' in block && block.type === 'tool_use') ? 'tool_use' : 'end_turn';
  const head = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-x-2026' };
  return { ...head, content, stop_reason, stop_sequence: null, usage, ...more };
}

/** What older versions ask for: a text after a prompt. */
function completion(model: string, isStreamed: boolean): Answer {
  const part = (text: string, stop_reason: string | null) => {
    return { type: 'completion', id: 'compl_1', model, completion: text, stop_reason, stop: null };
  };
  if (!isStreamed) return { kind: 'json', body: part('Hello', 'stop_sequence') };
  return { kind: 'sse', named: true, events: [part('Hel', null), part('lo', 'stop_sequence')] };
}

/** The events of a message: its blocks in pieces. */
export function events(content: readonly object[]): object[] {
  const whole = message(content) as { stop_reason: string };
  const start = {
    ...whole,
    content: [],
    stop_reason: null,
    usage: { ...usage, output_tokens: 1, output_tokens_details: null },
  };
  return [
    { type: 'message_start', message: start },
    { type: 'ping' },
    ...content.flatMap((block, index) => blockEvents(block as Block, index)),
    {
      type: 'message_delta',
      delta: { stop_reason: whole.stop_reason, stop_sequence: null },
      usage: { output_tokens: 9, input_tokens: null, output_tokens_details: usage.output_tokens_details },
    },
    { type: 'message_stop' },
  ];
}

interface Block {
  readonly type: string;
  readonly text?: string;
  readonly thinking?: string;
  readonly input?: unknown;
}

function blockEvents(block: Block, index: number): object[] {
  const start = (content_block: object) => ({ type: 'content_block_start', index, content_block });
  const delta = (piece: object) => ({ type: 'content_block_delta', index, delta: piece });
  const stop = { type: 'content_block_stop', index };
  const halves = (whole: string) => [whole.slice(0, 3), whole.slice(3)];
  if (block.type === 'text') {
    const pieces = halves(block.text ?? '').map((piece) => delta({ type: 'text_delta', text: piece }));
    return [start({ ...block, text: '' }), ...pieces, stop];
  }
  if (block.type === 'thinking') {
    const pieces = halves(block.thinking ?? '').map((piece) => delta({ type: 'thinking_delta', thinking: piece }));
    const signature = delta({ type: 'signature_delta', signature: 'c2lnbmF0dXJl' });
    return [start({ ...block, thinking: '', signature: '' }), ...pieces, signature, stop];
  }
  if (block.type === 'tool_use' || block.type === 'server_tool_use') {
    const pieces = halves(JSON.stringify(block.input)).map((piece) =>
      delta({ type: 'input_json_delta', partial_json: piece }),
    );
    return [start({ ...block, input: {} }), ...pieces, stop];
  }
  return [start(block), stop];
}

interface Request {
  readonly model: string;
  readonly stream?: boolean;
  readonly messages?: readonly { readonly role: string; readonly content: unknown }[];
}

const error = (status: number, type: string, text: string): Answer => ({
  kind: 'json',
  status,
  body: { type: 'error', error: { type, message: text } },
  headers: { 'retry-after-ms': '1' },
});
const failures = {
  bad: error(400, 'invalid_request_error', 'nope'),
  'no-key': error(401, 'authentication_error', 'invalid x-api-key sk-ant-api03-abcdefgh'),
  overloaded: error(529, 'overloaded_error', 'Overloaded'),
  limited: error(429, 'rate_limit_error', 'slow down'),
};

/** Answers like Anthropic. */
export function anthropic(seen: Seen): Answer {
  const request = (seen.body ?? {}) as Request;
  const { model } = request;
  const failure = failureOf(model, seen, failures, '{"id": "msg_1", "con');
  if (failure !== undefined) return failure;
  if (seen.path.endsWith('/complete')) return completion(model, request.stream === true);
  const isAnswered = JSON.stringify(request.messages ?? []).includes('tool_result');
  const content = contentOf(model, isAnswered);
  if (request.stream !== true) return { kind: 'json', body: message(content) };
  const all = events(content);
  switch (model) {
    case 'stall':
      return { kind: 'sse', named: true, events: all.slice(0, 4), after: 'stall' };
    case 'cut':
      return { kind: 'sse', named: true, events: all.slice(0, 5), after: 'cut' };
    case 'cut-tool':
      return { kind: 'sse', named: true, events: events([toolUse]).slice(0, 4), after: 'cut' };
    case 'error-inside':
      return {
        kind: 'sse',
        named: true,
        events: [...all.slice(0, 5), { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }],
      };
    case 'malformed-inside':
      return { kind: 'text', text: 'event: message_start\ndata: {"type":\n\n', type: 'text/event-stream' };
    default:
      return { kind: 'sse', named: true, events: all };
  }
}

function contentOf(model: string, isAnswered: boolean): readonly object[] {
  switch (model) {
    case 'tools':
      return isAnswered ? [text] : [toolUse];
    case 'text-and-tool':
      return [text, toolUse];
    case 'thinking':
      return [thinking, text];
    case 'only-thinking':
      return [thinking, { type: 'redacted_thinking', data: 'cmVkYWN0ZWQ=' }];
    case 'search':
      return [serverUse, searchResult, text];
    case 'failed-search':
      return [
        serverUse,
        {
          ...searchResult,
          content: { type: 'web_search_tool_result_error', error_code: 'too_many_requests' },
        },
        text,
      ];
    case 'json':
      return [{ type: 'text', text: '{"degrees":21}', citations: null }];
    default:
      return [text];
  }
}
