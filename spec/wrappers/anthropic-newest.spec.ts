import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { wrapAnthropic } from '../../lib/wrappers/anthropic.js';
import { drain, type Recorded, record, stopRecording } from '../support/recorded.js';

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

/** Answers every request with `body`, as events of a stream if it is a list. */
const answering = (body: object) => async (): Promise<Response> => {
  if (!Array.isArray(body)) return Response.json(body);
  const events = body.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  return new Response(events.join(''), { headers: { 'content-type': 'text/event-stream' } });
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
});
