import { expect } from 'chai';
import { messages } from '../../lib/calls/anthropic/messages.js';
import type { CallAdapter, ReplyFacts } from '../../lib/calls/call-adapter.js';
import { generate } from '../../lib/calls/gemini/generate.js';
import { chat } from '../../lib/calls/openai/chat.js';
import { responses } from '../../lib/calls/openai/responses.js';

const nobody = { started() {}, requested() {}, ended() {} };

/** The facts of a stream of these chunks, and after how many of them it was complete; infinity for never. */
function streamed(adapter: CallAdapter, chunks: readonly unknown[]): { facts: ReplyFacts; completeAfter: number } {
  const stream = adapter.stream();
  let completeAfter = stream.isComplete ? 0 : Number.POSITIVE_INFINITY;
  for (const [at, chunk] of chunks.entries()) {
    stream.add(chunk, nobody);
    if (stream.isComplete) completeAfter = Math.min(completeAfter, at + 1);
  }
  return { facts: stream.facts(), completeAfter };
}

const said = (facts: ReplyFacts) => JSON.parse(JSON.stringify(facts.output ?? null));

describe('Streamed replies', () => {
  it('are complete when the provider has said so of every choice, and not before', () => {
    const choice = (index: number, finish_reason: string | null) => ({
      choices: [{ index, delta: {}, finish_reason }],
    });
    const candidate = (index: number, finishReason?: string) => ({
      candidates: [{ index, content: {}, finishReason }],
    });
    const rows: readonly (readonly [adapter: CallAdapter, chunks: readonly unknown[], after: number])[] = [
      [chat, [], Number.POSITIVE_INFINITY],
      [chat, [{ choices: [] }, choice(0, null), choice(1, null), choice(0, 'stop'), choice(1, 'length')], 5],
      [chat, [choice(0, ''), choice(0, null)], Number.POSITIVE_INFINITY],
      [generate, [], Number.POSITIVE_INFINITY],
      [generate, [{ candidates: [] }, candidate(0), candidate(1), candidate(1, 'STOP'), candidate(0, 'STOP')], 5],
      [generate, [{ promptFeedback: { blockReason: 'SAFETY' } }], 1],
      [responses, [{ type: 'response.created', response: { id: 'r' } }], Number.POSITIVE_INFINITY],
      [responses, [{ type: 'response.incomplete', response: { id: 'r' } }], 1],
      [responses, [{ type: 'error', message: 'no' }], 1],
      [messages, [{ type: 'message_start', message: {} }, { type: 'message_delta', delta: { stop_reason: 'end_turn' } }], Number.POSITIVE_INFINITY],
      [messages, [{ type: 'ping' }, { type: 'message_stop' }], 2],
    ]; // biome-ignore format: rows
    const found = rows.map(([adapter, chunks]) => streamed(adapter, chunks).completeAfter);
    expect(found).to.deep.equal(rows.map(([, , after]) => after));
  });

  it('have their parts by index, in whatever order they begin', () => {
    const block = (index: number, type: string, more: object) => ({
      ...{ type: 'content_block_start', index, content_block: { type, ...more } },
    });
    const anthropic = streamed(messages, [
      { type: 'message_start', message: { id: 'm' } },
      block(10, 'tool_use', { id: 'c2', name: 'b', input: {} }),
      block(9, 'tool_use', { id: 'c1', name: 'a', input: {} }),
      block(1, 'text', { text: 'Second.' }),
      block(0, 'text', { text: 'First, ' }),
      { type: 'content_block_delta', index: 1, delta: { type: 'citations_delta', citation: 'no object' } },
    ]);
    const message = JSON.stringify(said(anthropic.facts));
    const order = ['First', 'Second', 'c1', 'c2'].map((text) => message.indexOf(text));
    expect(order)
      .to.deep.equal(order.toSorted((a, b) => a - b))
      .and.not.include(-1);
    expect(message).not.to.include('no object');

    const delta = (output_index: number, content_index: number, text: string) => ({
      ...{ type: 'response.output_text.delta', output_index, content_index, delta: text },
    });
    const openai = streamed(responses, [delta(1, 0, 'C'), delta(0, 1, 'B'), delta(0, 0, 'A'), delta(1, 0, 'c')]);
    expect(said(openai.facts).messages).to.have.length(1);
    expect(JSON.stringify(said(openai.facts)).replace(/[^ABCc]/g, '')).to.match(/A.*B.*Cc/);
  });

  it('prefer the whole text of a part that is done to its pieces', () => {
    const part = { output_index: 0, content_index: 1 };
    const { facts } = streamed(responses, [
      { type: 'response.output_text.delta', ...part, delta: 'Ra' },
      { type: 'response.output_text.done', ...part, text: 'Rain.' },
      { type: 'response.output_text.done', ...part, content_index: 2, text: '' },
      { type: 'response.output_text.done', output_index: 7, content_index: 0, text: 'of no item' },
    ]);
    expect(JSON.stringify(said(facts)))
      .to.include('Rain.')
      .and.not.include('RaRain')
      .and.not.include('of no item');
  });

  it('have the thoughts, sounds and pictures that compatible servers send in pieces', () => {
    const chunk = (content: unknown) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
    const { facts } = streamed(chat, [
      chunk([{ type: 'thinking', thinking: [{ type: 'text', text: 'It ' }, 'rains'] }]),
      chunk([{ type: 'reasoning', text: ' a lot' }]),
      chunk([{ type: 'reasoning_content', reasoning: '.' }]),
      chunk([{ type: 'output_text', text: 'Look: ' }]),
      chunk({ type: 'text', text: 'here' }),
      chunk([{ type: 'audio', data: 'AAAA', format: 'wav', transcript: 'Ra' }]),
      chunk([{ type: 'output_audio', audio: { data: 'AAAAAAAA', transcript: 'in' } }]),
      chunk([{ type: 'refusal', refusal: 'No.' }]),
    ]);
    expect(facts.reasoning).to.equal('It rains a lot.');
    const [message] = said(facts).messages;
    expect(message.refusal).to.equal('No.');
    const [text, sound] = message.content;
    expect(text).to.deep.equal({ type: 'text', text: 'Look: here' });
    expect(sound).to.include({ type: 'audio', transcript: 'Rain', size_bytes: 9 });
  });

  it('join the arguments of a call of Gemini that come value by value', () => {
    const call = (functionCall: object) => ({ candidates: [{ index: 0, content: { parts: [{ functionCall }] } }] });
    const arg = (jsonPath: string, value: object) => ({ partialArgs: [{ jsonPath, ...value }], willContinue: true });
    const { facts } = streamed(generate, [
      call({ id: 'c1', name: 'go', ...arg('$.places[1].name', { stringValue: 'Os' }) }),
      call(arg('$.places[1].name', { stringValue: 'lo' })),
      call(arg("$.places[0]['the name']", { stringValue: 'Bergen' })),
      call(arg('$.days', { numberValue: 3 })),
      call(arg('$.fast', { boolValue: false })),
      call({ partialArgs: [{ jsonPath: '$.none', nullValue: 'NULL_VALUE' }] }),
      call({ name: 'stop', args: {} }),
    ]);
    const calls = said(facts).messages[0].tool_calls;
    expect(calls.map((each: { function: { name: string } }) => each.function.name)).to.deep.equal(['go', 'stop']);
    expect(JSON.parse(calls[0].function.arguments)).to.deep.equal({
      ...{ places: [{ 'the name': 'Bergen' }, { name: 'Oslo' }], days: 3, fast: false, none: null },
    });
  });

  it('have, like whole replies, the reasons, failures and counts that servers send in fields of their own', () => {
    const reply = (choice: object) => chat.reply({ choices: [{ index: 0, message: { content: 'Hi' }, ...choice }] });
    expect(reply({ stop_reason: 'eos' }).metadata).to.include({ finish_reason: 'eos' });
    expect(reply({ finish_reason: 'error' }).error).to.equal('the model failed');
    expect(reply({ finish_reason: 'stop' }).error).to.equal(undefined);
    expect(reply({ error: { message: 'cut', code: 502 } }).metadata).to.deep.include({
      error: { type: 'error', code: 502 },
    });
    const detail = (modality: string, tokenCount: number) => ({ modality, tokenCount });
    const { usage } = generate.reply({
      usageMetadata: {
        ...{ promptTokenCount: 10, toolUsePromptTokenCount: 5, candidatesTokenCount: 4, thoughtsTokenCount: 2 },
        promptTokensDetails: [detail('TEXT', 4), detail('AUDIO', 6)],
        toolUsePromptTokensDetails: [detail('AUDIO', 1)],
        cacheTokensDetails: [detail('AUDIO', 3)],
        candidatesTokensDetails: [detail('IMAGE', 4)],
      },
    });
    expect(usage).to.deep.equal({
      ...{ prompt_tokens: 15, completion_tokens: 6, total_tokens: 21, reasoning_tokens: 2 },
      ...{ cache_read_tokens: undefined, cache_creation_tokens: undefined },
      ...{ prompt_audio_tokens: 7, cache_read_audio_tokens: 3, audio_tokens: undefined, image_tokens: 4 },
    });
    const asked = {
      output_config: { effort: 'low', format: { type: 'json_schema', schema: { secret: 1 } } },
      top_k: 3,
    };
    expect(messages.request(asked).parameters).to.deep.include({ top_k: 3 });
    expect(messages.request(asked).parameters?.output_config).to.include({ effort: 'low' });
    const fast = messages.reply({
      usage: { speed: 'fast', service_tier: 'standard', server_tool_use: { web_search_requests: 2 } },
    });
    expect(fast.call).to.deep.include({ serviceTier: 'fast', webSearches: 2 });
    expect(fast.metadata).to.deep.include({ server_tool_use: { web_search_requests: 2 } });
    const inConversation = (conversation: unknown) => responses.request({ conversation }).metadata?.conversation;
    expect([inConversation('conv_1'), inConversation({ id: 'conv_2' }), inConversation({})]).to.deep.equal([
      'conv_1',
      'conv_2',
      undefined,
    ]);
  });
});
