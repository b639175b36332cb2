import { expect } from 'chai';
import OpenAI from 'openai';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { drain, type Recorded, record, stopRecording } from '../support/recorded.js';
import { answering } from './support/answering.js';

type Item = Readonly<Record<string, unknown>> & { readonly type: string };

const usage = {
  ...{ input_tokens: 10, output_tokens: 5, total_tokens: 15 },
  input_tokens_details: { cached_tokens: 4 },
  output_tokens_details: { reasoning_tokens: 2 },
};
const text = (said: string, annotations: readonly object[] = []) => ({ type: 'output_text', text: said, annotations });
const message = (...content: object[]): Item => ({
  ...{ type: 'message', id: 'msg', role: 'assistant', status: 'completed', content },
});
const item = (type: string, more: object): Item => ({ type, id: `id_${type}`, status: 'completed', ...more });
const output = (type: string, more: object): Item => ({ type, id: `out_${type}`, call_id: 'c1', ...more });
const call_id = 'c1';

/** Every type of item that the client's types have, in groups as they come. */
const replies: Record<string, readonly Item[]> = {
  'texts with sources': [
    item('web_search_call', { action: { type: 'search', query: 'weather' } }),
    message(text('It is '), text('21 °C', [{ type: 'url_citation', url: 'https://x.test', title: 'X' }])),
  ],
  'a refusal': [message(text('Well, '), { type: 'refusal', refusal: 'I will not.' })],
  reasoning: [
    item('reasoning', {
      summary: [
        { type: 'summary_text', text: 'South.' },
        { type: 'summary_text', text: 'Warm.' },
      ],
    }),
    item('reasoning', { id: 'r2', summary: [], content: [{ type: 'reasoning_text', text: 'Hm.' }] }),
    message(text('Warm.')),
  ],
  'calls of functions': [
    item('function_call', { call_id, name: 'weather', arguments: '{"city":"Lisbon"}' }),
    item('custom_tool_call', { call_id: 'c2', name: 'sql', input: 'select 1' }),
  ],
  'results of functions': [
    item('function_call', { call_id, name: 'weather', arguments: '{}' }),
    output('function_call_output', { output: 'warm' }),
    item('custom_tool_call', { call_id: 'c2', name: 'sql', input: 'select 1' }),
    output('custom_tool_call_output', { call_id: 'c2', output: '1' }),
  ],
  files: [item('file_search_call', { queries: ['x'], results: [{ file_id: 'f', text: 'found', score: 0.5 }] })],
  code: [
    item('code_interpreter_call', { code: 'print(1)', container_id: 'c', outputs: [{ type: 'logs', logs: '1' }] }),
  ],
  'a picture': [item('image_generation_call', { result: 'aGVsbG8=', output_format: 'png', revised_prompt: 'a cat' })],
  'a computer': [
    item('computer_call', { call_id, action: { type: 'screenshot' }, pending_safety_checks: [] }),
    output('computer_call_output', { output: { type: 'computer_screenshot', image_url: 'https://x.test/a.png' } }),
  ],
  shells: [
    item('local_shell_call', { call_id, action: { type: 'exec', command: ['ls'], env: {} } }),
    item('shell_call', { call_id: 'c2', action: { commands: ['ls'] }, environment: { type: 'container_reference' } }),
    output('shell_call_output', { call_id: 'c2', output: [{ stdout: 'a', stderr: '', outcome: { type: 'exit' } }] }),
    item('apply_patch_call', { call_id: 'c3', operation: { type: 'delete_file', path: 'a' } }),
    output('apply_patch_call_output', { call_id: 'c3', output: 'gone' }),
  ],
  MCP: [
    item('mcp_list_tools', { server_label: 's', tools: [{ name: 'find', input_schema: {} }] }),
    item('mcp_approval_request', { server_label: 's', name: 'find', arguments: '{"a":1}' }),
    item('mcp_call', { server_label: 's', name: 'find', arguments: '{"a":1}', output: 'no', error: 'it broke' }),
  ],
  'a search for tools': [
    item('tool_search_call', { call_id, arguments: { query: 'x' }, execution: 'server' }),
    output('tool_search_output', { tools: [{ type: 'function', name: 'w', parameters: {} }], execution: 'server' }),
    item('additional_tools', { role: 'developer', tools: [] }),
  ],
  'a program': [
    item('program', { call_id, code: 'w()', fingerprint: 'f' }),
    output('program_output', { result: '1', status: 'completed' }),
  ],
  'a compaction': [item('compaction', { encrypted_content: 'secret' }), message(text('Warm.'))],
  'several agents': [
    item('multi_agent_call', { call_id, action: 'spawn_agent', arguments: '{"a":1}' }),
    output('multi_agent_call_output', { output: [text('done')] }),
    item('agent_message', { author: 'a', recipient: 'b', content: [text('Hi'), { type: 'encrypted_content' }] }),
  ],
  'of a kind to come': [item('hologram', { shape: 'cube' }), message(text('Warm.'))],
};

/** An item as it is announced, and the events that complete it. */
function eventsOf(whole: Item, output_index: number): readonly object[] {
  const { content, summary, arguments: input, input: custom, result: _, outputs: __, results: ___, ...rest } = whole;
  const of = { output_index, item_id: whole.id };
  const pieces = (type: string, said: unknown, more: object = {}) =>
    typeof said === 'string'
      ? [said.slice(0, 2), said.slice(2)].map((delta) => ({ type: `response.${type}.delta`, ...of, ...more, delta }))
      : [];
  const parts = (Array.isArray(content) ? content : []).flatMap((part, content_index) => [
    ...pieces('output_text', part.type === 'output_text' ? part.text : undefined, { content_index }),
    ...pieces('reasoning_text', part.type === 'reasoning_text' ? part.text : undefined, { content_index }),
    ...pieces('refusal', part.refusal, { content_index }),
  ]);
  const summaries = (Array.isArray(summary) ? summary : []).flatMap((part, summary_index) =>
    pieces('reasoning_summary_text', part.text, { summary_index }),
  );
  const announced = {
    ...rest,
    status: 'in_progress',
    ...(content !== undefined && { content: [] }),
    ...(summary !== undefined && { summary: [] }),
  };
  const hasInput = whole.type === 'function_call' || whole.type === 'mcp_call';
  return [
    { type: 'response.output_item.added', output_index, item: { ...announced, ...(hasInput && { arguments: '' }) } },
    ...parts,
    ...summaries,
    ...pieces(whole.type === 'mcp_call' ? 'mcp_call_arguments' : 'function_call_arguments', input),
    ...pieces('custom_tool_call_input', custom),
    { type: 'response.output_item.done', output_index, item: whole },
  ];
}

describe('A streamed response of OpenAI', () => {
  let recorded: Recorded;
  beforeEach(() => {
    recorded = record();
  });
  afterEach(stopRecording);

  const ask = { model: 'gpt-x', input: 'Hi' };
  const client = (body: object) => wrapOpenAI(new OpenAI({ apiKey: 'k', fetch: answering(body) }));
  const head = { id: 'resp_1', object: 'response', model: 'gpt-x-1', service_tier: 'default' };

  /** What is recorded of a reply, without times. */
  const facts = () => {
    expect(recorded.traces).to.have.length(1);
    return recorded.spans.map(({ name, kind, status, error, input, output: said, model, tokenUsage, metadata }) => {
      return { name, kind, status, error, input, output: said, model, tokenUsage, metadata };
    });
  };
  const recordedOf = async (events: readonly object[]) => {
    await stopRecording();
    recorded = record();
    await drain(await client(events).responses.create({ ...ask, stream: true }));
    return facts();
  };

  for (const [name, items] of Object.entries(replies)) {
    it(`is recorded as the same response in one piece: ${name}`, async () => {
      const whole = { ...head, status: 'completed', output: items, usage };
      await client(whole).responses.create(ask);
      const expected = facts();
      const events = [
        { type: 'response.created', response: { ...head, status: 'in_progress', output: [], usage: null } },
        ...items.flatMap(eventsOf),
      ];
      const last = { type: 'response.completed', response: whole };
      expect(await recordedOf([...events, last]), 'as the API sends it').to.deep.equal(expected);
      const empty = { type: 'response.completed', response: { ...whole, output: [] } };
      expect(await recordedOf([...events, empty]), 'with an empty last event').to.deep.equal(expected);
      const cut = await recordedOf(events);
      const essence = (spans: typeof expected) =>
        spans.map(({ name: own, kind, output: said, error }) => ({ own, kind, said, error }));
      expect(essence(cut), 'cut before the last event').to.deep.equal(essence(expected));
    });
  }
});
