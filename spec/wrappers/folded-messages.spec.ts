import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { wrapAnthropic } from '../../lib/wrappers/anthropic.js';
import { drain, type Recorded, record, stopRecording } from '../support/recorded.js';
import { answering } from './support/answering.js';

type Block = Readonly<Record<string, unknown>> & { readonly type: string };
type Events = readonly object[];

const usage = {
  ...{ input_tokens: 10, output_tokens: 50, cache_read_input_tokens: 7, cache_creation_input_tokens: 30 },
  cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
  output_tokens_details: { thinking_tokens: 3 },
  server_tool_use: { web_search_requests: 1, web_fetch_requests: 1 },
  ...{ service_tier: 'standard', inference_geo: 'eu', speed: 'standard' },
};
const caller = { type: 'direct' };
const call = (name: string, input: object, more: object = {}): Block => ({
  ...{ type: 'server_tool_use', id: `srv_${name}`, name, input, caller },
  ...more,
});
const result = (name: string, type: string, content: unknown): Block => ({
  ...{ type, tool_use_id: `srv_${name}`, content, caller },
});
const cited = {
  ...{ type: 'web_search_result_location', cited_text: '21 °C', url: 'https://x.test', title: 'X' },
  encrypted_index: 'e',
};

/** Every type of block that the client's types have, in groups as they come. */
const replies: Record<string, readonly Block[]> = {
  'text with citations': [
    { type: 'text', text: 'It is ', citations: null },
    { type: 'text', text: '21 °C', citations: [cited, { type: 'char_location', cited_text: 'x', document_index: 0 }] },
  ],
  'thinking, redacted or not': [
    { type: 'thinking', thinking: 'Lisbon is in the south.', signature: 'c2ln' },
    { type: 'redacted_thinking', data: 'c2VjcmV0' },
    { type: 'text', text: 'Warm.', citations: null },
  ],
  'tool calls, one without input': [
    { type: 'tool_use', id: 'tu_1', name: 'weather', input: { city: 'Lisbon', days: [1, 2] }, caller },
    { type: 'tool_use', id: 'tu_2', name: 'now', input: {}, caller },
  ],
  'a search and a page': [
    call('web_search', { query: 'weather' }),
    result('web_search', 'web_search_tool_result', [
      { type: 'web_search_result', url: 'https://x.test', title: 'X', page_age: null, encrypted_content: 'e' },
    ]),
    call('web_fetch', { url: 'https://x.test' }),
    result('web_fetch', 'web_fetch_tool_result', {
      ...{ type: 'web_fetch_result', url: 'https://x.test', retrieved_at: null },
      content: { type: 'document', title: 'X', source: { type: 'text', media_type: 'text/plain', data: 'Hot' } },
    }),
  ],
  'a tool that fails': [
    call('web_search', { query: 'weather' }),
    result('web_search', 'web_search_tool_result', {
      ...{ type: 'web_search_tool_result_error', error_code: 'max_uses_exceeded' },
    }),
  ],
  'code that runs': [
    call('code_execution', { code: 'print(1)' }),
    result('code_execution', 'code_execution_tool_result', {
      ...{ type: 'code_execution_result', stdout: '1\n', stderr: '', return_code: 0, content: [] },
    }),
    call('bash_code_execution', { command: 'ls' }),
    result('bash_code_execution', 'bash_code_execution_tool_result', {
      ...{ type: 'bash_code_execution_result', stdout: '', stderr: 'no', return_code: 1 },
      content: [{ type: 'bash_code_execution_output', file_id: 'file_1' }],
    }),
    call('text_editor_code_execution', { command: 'view', path: 'a.txt' }),
    result('text_editor_code_execution', 'text_editor_code_execution_tool_result', {
      ...{ type: 'text_editor_code_execution_view_result', content: 'a', file_type: 'text', num_lines: 1 },
    }),
    { type: 'container_upload', file_id: 'file_2' },
  ],
  'a search for tools': [
    call('tool_search_tool_regex', { pattern: 'w' }),
    result('tool_search_tool_regex', 'tool_search_tool_result', {
      ...{ type: 'tool_search_tool_search_result', tool_references: [{ type: 'tool_reference', tool_name: 'w' }] },
    }),
  ],
  'an MCP connector': [
    { type: 'mcp_tool_listing', id: 'l1', server_name: 's', tools: [{ name: 'find', input_schema: { a: 1 } }] },
    call('find', { text: 'x' }, { type: 'mcp_tool_use', server_name: 's' }),
    { type: 'mcp_tool_result', tool_use_id: 'srv_find', is_error: true, content: [{ type: 'text', text: 'no' }] },
  ],
  'an advisor': [
    call('advisor', {}),
    result('advisor', 'advisor_tool_result', { type: 'advisor_result', text: 'Go on.' }),
  ],
  'a compaction': [
    { type: 'compaction', content: 'So far: Lisbon.', encrypted_content: 'e', signature: 's' },
    { type: 'text', text: 'Warm.', citations: null },
  ],
  'another model that continues': [
    { type: 'text', text: 'I ', citations: null },
    { type: 'fallback', from: { model: 'claude-x' }, to: { model: 'claude-y' } },
    { type: 'text', text: 'can.', citations: null },
  ],
  'no block at all': [],
};

const pieces = (text: string) => [text.slice(0, 3), text.slice(3)].filter((piece) => piece !== '');

/** The events of one block, as the API sends them. */
function eventsOf(block: Block, index: number): Events {
  const [start, deltas] = opened(block);
  return [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

function opened(block: Block): readonly [Block, Events] {
  const { type, text, citations, thinking, signature, input, content } = block;
  if (type === 'text') {
    const found = Array.isArray(citations) ? citations.map((citation) => ({ type: 'citations_delta', citation })) : [];
    const said = pieces(String(text)).map((piece) => ({ type: 'text_delta', text: piece }));
    return [{ ...block, text: '', citations: citations && [] }, [...found, ...said]];
  }
  if (type === 'thinking') {
    const thought = pieces(String(thinking)).map((piece) => ({ type: 'thinking_delta', thinking: piece }));
    return [{ ...block, thinking: '', signature: '' }, [...thought, { type: 'signature_delta', signature }]];
  }
  if (type === 'compaction') {
    const { encrypted_content } = block;
    return [
      { ...block, content: null, encrypted_content: null, signature: '' },
      [
        { type: 'compaction_delta', content, encrypted_content },
        { type: 'signature_delta', signature },
      ],
    ];
  }
  if (input === undefined) return [block, []];
  const json = Object.keys(Object(input)).length === 0 ? [''] : pieces(JSON.stringify(input));
  return [{ ...block, input: {} }, json.map((partial_json) => ({ type: 'input_json_delta', partial_json }))];
}

/** The ends of a message: what comes with `message_delta`. */
const ends: readonly object[] = [
  { stop_reason: 'end_turn', stop_sequence: null },
  { stop_reason: 'pause_turn', stop_sequence: null, container: { id: 'c1', expires_at: '2026-01-01T00:00:00Z' } },
  { stop_reason: 'stop_sequence', stop_sequence: 'END' },
  {
    stop_reason: 'refusal',
    stop_sequence: null,
    stop_details: { type: 'refusal', category: 'cyber', explanation: 'no' },
  },
];

describe('A streamed message of Anthropic', () => {
  let recorded: Recorded;
  beforeEach(() => {
    recorded = record();
  });
  afterEach(stopRecording);

  const ask = { model: 'claude-x', max_tokens: 9, messages: [{ role: 'user' as const, content: 'Hi' }] };
  const client = (body: object) => wrapAnthropic(new Anthropic({ apiKey: 'k', fetch: answering(body) }));

  /** What is recorded of a reply, without times. */
  const facts = () => {
    expect(recorded.traces).to.have.length(1);
    return recorded.spans.map(({ name, kind, status, error, input, output, model, tokenUsage, metadata }) => {
      return { name, kind, status, error, input, output, model, tokenUsage, metadata };
    });
  };

  for (const [name, content] of Object.entries(replies)) {
    for (const end of ends) {
      const { stop_reason } = end as { stop_reason: string };
      it(`is recorded as the same message in one piece: ${name}, ${stop_reason}`, async () => {
        const to = content.find(({ type }) => type === 'fallback')?.to as { model: string } | undefined;
        const message = { id: 'm1', type: 'message', role: 'assistant', model: to?.model ?? 'claude-x' };
        await client({ ...message, content, usage, ...end }).beta.messages.create(ask);
        const whole = facts();
        await stopRecording();
        recorded = record();
        const { output_tokens, server_tool_use, output_tokens_details, ...first } = usage;
        const started = { ...message, model: 'claude-x', content: [], stop_reason: null, stop_sequence: null };
        const events = [
          { type: 'message_start', message: { ...started, usage: { ...first, output_tokens: 1 } } },
          { type: 'ping' },
          ...content.flatMap(eventsOf),
          { type: 'message_delta', delta: end, usage: { output_tokens, server_tool_use, output_tokens_details } },
          { type: 'message_stop' },
        ];
        await drain(await client(events).beta.messages.create({ ...ask, stream: true }));
        expect(facts()).to.deep.equal(whole);
        expect(whole[0]?.metadata.stop_reason).to.equal(stop_reason);
      });
    }
  }
});
