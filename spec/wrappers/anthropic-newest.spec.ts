import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { wrapAnthropic } from '../../lib/wrappers/anthropic.js';
import { drain, type Recorded, record, stopRecording } from '../support/recorded.js';
import { answering } from './support/answering.js';

const usage = { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
const message = { id: 'm1', type: 'message', role: 'assistant', model: 'claude-x', content: [], usage };
const summary = {
  type: 'compaction',
  content: 'So far: Lisbon.',
  encrypted_content: 'c2VjcmV0',
  signature: 'c2lnbmF0dXJl',
};
/** A request that was compacted first: a request of its own, which the usage does not include. */
const compacted = {
  ...usage,
  iterations: [
    {
      ...{ type: 'compaction', input_tokens: 100, output_tokens: 40, cache_read_input_tokens: 30 },
      ...{ cache_creation_input_tokens: 20, cache_creation: { ephemeral_1h_input_tokens: 15 } },
    },
    { type: 'message', input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
    { type: 'advisor_message', model: 'claude-y', input_tokens: 7, output_tokens: 7 },
  ],
};

describe('wrapAnthropic(): newer replies', () => {
  let recorded: Recorded;
  beforeEach(() => {
    recorded = record();
  });
  afterEach(stopRecording);

  const ask = { model: 'claude-x', max_tokens: 9, messages: [{ role: 'user' as const, content: 'Hi' }] };
  const client = (body: object) => wrapAnthropic(new Anthropic({ apiKey: 'k', fetch: answering(body) }));
  const stream = async (...events: object[]) => {
    const whole = [{ type: 'message_start', message }, ...events, { type: 'message_stop' }];
    await drain(await client(whole).beta.messages.create({ ...ask, stream: true }));
  };
  const block = (index: number, content_block: object, ...deltas: object[]) => [
    { type: 'content_block_start', index, content_block },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
  const end = (more: object) => ({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: more });

  it('reads blocks of which the first event is missing, or comes late', async () => {
    const delta = (index: number, change: object) => ({ type: 'content_block_delta', index, delta: change });
    await stream(
      delta(0, { type: 'thinking_delta', thinking: 'Hm.' }),
      delta(1, { type: 'text_delta', text: 'It is ' }),
      { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
      delta(1, { type: 'text_delta', text: '42' }),
      end(usage),
    );
    expect(recorded.span.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'It is 42' }] });
    expect(recorded.span.metadata).to.include({ reasoning_summary: 'Hm.' });
  });

  it('records what a text cites, whole and streamed', async () => {
    const citations = [
      { type: 'char_location', cited_text: 'It is 42', document_index: 0 },
      { type: 'char_location', cited_text: 'It is 43', document_index: 1 },
    ];
    const plain = { type: 'text', text: 'Two of them: ', citations: null };
    await client({ ...message, content: [plain, { type: 'text', text: '42, 43', citations }] }).beta.messages.create(
      ask,
    );
    await stream(
      ...block(0, { ...plain, text: '' }, { type: 'text_delta', text: plain.text }),
      ...block(
        1,
        { type: 'text', text: '', citations: [] },
        { type: 'text_delta', text: '42, 43' },
        ...citations.map((citation) => ({ type: 'citations_delta', citation })),
      ),
    );
    const content = [
      { type: 'text', text: 'Two of them: ' },
      { type: 'text', text: '42, 43', citations },
    ];
    const answer = { messages: [{ role: 'assistant', content }] };
    expect(recorded.spans.map(({ output }) => output)).to.deep.equal([answer, answer]);
  });

  it('records tools of MCP servers as spans, whole and streamed', async () => {
    const call = { type: 'mcp_tool_use', id: 'mt_1', name: 'forecast', server_name: 'sky', input: { city: 'Lisbon' } };
    const failed = [{ type: 'text', text: 'no such city' }];
    const result = { type: 'mcp_tool_result', tool_use_id: 'mt_1', is_error: true, content: failed };
    const works = { ...result, tool_use_id: 'mt_2', is_error: false };
    const content = [call, result, { ...call, id: 'mt_2' }, works];
    await client({ ...message, content }).beta.messages.create(ask);
    await stream(
      ...block(0, { ...call, input: {} }, { type: 'input_json_delta', partial_json: '{"city":"Lisbon"}' }),
      ...content.slice(1).flatMap((each, at) => block(at + 1, each)),
    );
    const tools = recorded.spans.filter(({ kind }) => kind === 'TOOL');
    const facts = tools.map(({ name, input, output, error }) => ({ name, input, output, error }));
    const tool = { name: 'forecast', input: { city: 'Lisbon' }, output: failed };
    const both = [
      { ...tool, error: 'the tool failed' },
      { ...tool, error: undefined },
    ];
    expect(facts).to.deep.equal([...both, ...both]);
  });

  it('counts the tokens of a compaction, whole and streamed', async () => {
    await client({ ...message, stop_reason: 'end_turn', usage: compacted }).beta.messages.create(ask);
    await stream(end(compacted));
    const calls = recorded.spans.filter(({ name }) => name === 'anthropic-messages');
    expect(calls).to.have.length(2);
    for (const { tokenUsage } of calls) {
      expect(tokenUsage).to.deep.equal({
        ...{ prompt_tokens: 160, completion_tokens: 45, total_tokens: 205 },
        ...{ cache_read_tokens: 30, cache_creation_tokens: 20, cache_creation_1h_tokens: 15 },
      });
    }
  });

  it('records the summary of a compaction, without its encrypted form, whole and streamed', async () => {
    await client({ ...message, content: [summary], stop_reason: 'compaction' }).beta.messages.create(ask);
    const { content, encrypted_content } = summary;
    const shell = { type: 'compaction', content: null, encrypted_content: null };
    await stream(...block(0, shell, { type: 'compaction_delta', content, encrypted_content }), end(usage));
    for (const { output } of recorded.spans) {
      expect(output).to.deep.equal({ messages: [{ role: 'assistant', content: [{ type: 'compaction', content }] }] });
    }
    expect(recorded.spans[1]?.completionStartTime).not.to.equal(undefined);
    expect(recorded.text).not.to.match(/c2VjcmV0|c2lnbmF0dXJl/);
  });

  it('records the reason of a refusal, the container, and the parts removed from the input, whole and streamed', async () => {
    const stop_details = { type: 'refusal', category: 'cyber', explanation: 'Not this.' };
    const container = { id: 'c1', expires_at: '2026-12-01T00:00:00Z', skills: null };
    const edit = { type: 'clear_tool_uses_20250919', cleared_tool_uses: 2, cleared_input_tokens: 900 };
    const context_management = { applied_edits: [edit] };
    const stop = { stop_reason: 'refusal', stop_sequence: null, stop_details, container };
    await client({ ...message, ...stop, context_management }).beta.messages.create(ask);
    await stream({ type: 'message_delta', delta: stop, context_management, usage });
    const facts = { stop_reason: 'refusal', stop_details, container_id: 'c1', applied_edits: [edit] };
    for (const { metadata } of recorded.spans) expect(metadata).to.deep.equal({ response_id: 'm1', ...facts });
    expect(recorded.spans).to.have.length(2);
  });

  it('names the model that answered if the first one refused within the stream', async () => {
    const fallback = { type: 'fallback', from: { model: 'claude-x' }, to: { model: 'claude-z' } };
    await stream(
      ...block(0, fallback),
      ...block(1, { type: 'text', text: '' }, { type: 'text_delta', text: 'Hello' }),
      end(usage),
    );
    expect(recorded.span.model).to.equal('claude-z');
  });

  it('names the tools that an MCP server lists, and those that the input adds, without their schemas', async () => {
    const tool = { name: 'weather', description: 'z4711', input_schema: { type: 'object', title: 'z4711' } };
    const listing = { type: 'mcp_tool_listing', mcp_server_name: 'sky', tools: [tool] };
    const listed = { ...listing, tools: ['weather'] };
    const addition = (each: object) => ({ type: 'tool_addition', tool: each });
    const reference = { type: 'tool_reference', name: 'clock' };
    const removal = { type: 'tool_removal', tool: reference };
    const added = [addition({ type: 'tool_definition', definition: tool }), addition(reference), removal];
    const messages = [
      { role: 'assistant', content: [listing] },
      { role: 'user', content: added },
    ];
    const reply = { ...message, content: [listing] };
    await client(reply).beta.messages.create({ ...ask, messages } as never); // as the newest types
    await stream(...block(0, listing), end(usage));
    expect(recorded.spans[0]?.input).to.deep.equal({
      messages: [
        { role: 'assistant', content: [listed] },
        {
          role: 'user',
          content: [addition({ type: 'tool_definition', name: 'weather' }), addition(reference), removal],
        },
      ],
    });
    for (const { output } of recorded.spans) {
      expect(output).to.deep.equal({ messages: [{ role: 'assistant', content: [listed] }] });
    }
    expect(recorded.text).not.to.include('z4711');
  });

  it('records why the cache was missed and what was left out of the input, whole and streamed', async () => {
    const cache_miss_reason = { type: 'tools_changed', cache_missed_input_tokens: 900 };
    const dropped = { type: 'thinking_dropped', path: 'messages.1.content.0', reason: 'model_binding_mismatch' };
    const started = { ...message, diagnostics: { cache_miss_reason }, input_transformations: [dropped] };
    await client(started).beta.messages.create(ask);
    const start = { type: 'message_start', message: started };
    await drain(
      await client([start, end(usage), { type: 'message_stop' }]).beta.messages.create({ ...ask, stream: true }),
    );
    const later = { ...dropped, path: 'messages.3.content.0' };
    const replaced = { ...end(usage), input_transformations: [later] };
    await drain(await client([start, replaced]).beta.messages.create({ ...ask, stream: true }));
    expect(recorded.spans.map(({ metadata }) => metadata?.cache_miss_reason)).to.deep.equal(
      Array(3).fill(cache_miss_reason),
    );
    expect(recorded.spans.map(({ metadata }) => metadata?.input_transformations)).to.deep.equal([
      [dropped],
      [dropped],
      [later],
    ]);
  });

  it('has nothing to say of a cache that was not diagnosed, and of an input that was left as it was', async () => {
    await client({ ...message, diagnostics: null, input_transformations: [] }).beta.messages.create(ask);
    await client({ ...message, diagnostics: { cache_miss_reason: null } }).beta.messages.create(ask);
    for (const { metadata } of recorded.spans) expect(metadata).to.deep.equal({ response_id: 'm1' });
    expect(recorded.spans).to.have.length(2);
  });
});
