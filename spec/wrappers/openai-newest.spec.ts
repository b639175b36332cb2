import { expect } from 'chai';
import OpenAI from 'openai';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { drain, type Recorded, record, stopRecording } from '../support/recorded.js';
import { answeringChunks } from './support/answering.js';

const response = { id: 'r1', object: 'response', status: 'completed', model: 'gpt-x-2026', output: [] };
const completion = {
  id: 'c1',
  object: 'chat.completion',
  model: 'gpt-x-2026',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
};
const tool = { type: 'function', name: 'weather', description: 'z4711', parameters: { title: 'z4711' } };
const said = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hello', annotations: [] }] };
const hello = { messages: [{ role: 'assistant', content: 'Hello' }] };

describe('wrapOpenAI(): newer replies', () => {
  let recorded: Recorded;
  beforeEach(() => {
    recorded = record();
  });
  afterEach(stopRecording);

  const client = (body: object) => wrapOpenAI(new OpenAI({ apiKey: 'k', fetch: answeringChunks(body) }));
  /** Asks for a response, whole and streamed. */
  const respond = async (more: object, input: unknown = 'Hi') => {
    const whole = { ...response, ...more };
    const request = { model: 'gpt-x', input } as { model: string; input: string };
    await client(whole).responses.create(request);
    const events = whole.output.map((item, output_index) => ({
      type: 'response.output_item.done',
      output_index,
      item,
    }));
    const last = { type: 'response.completed', response: whole };
    await drain(await client([...events, last]).responses.create({ ...request, stream: true }));
    expect(calls()).to.have.length(2);
  };
  const calls = () => recorded.spans.filter(({ kind }) => kind === 'LLM');
  const tools = () => recorded.spans.filter(({ kind }) => kind === 'TOOL');

  it('names tools that are added in the conversation, without their schemas, and not in the answer', async () => {
    const added = { type: 'additional_tools', id: 'a1', role: 'developer', tools: [tool, { type: 'web_search' }] };
    await respond({ output: [added, said] }, [added, { role: 'user', content: 'Hi' }]);
    for (const { input, output } of calls()) {
      expect(output).to.deep.equal(hello);
      expect(input).to.deep.equal({
        messages: [
          { role: 'developer', content: [{ type: 'additional_tools', tools: ['weather', 'web_search'] }] },
          { role: 'user', content: 'Hi' },
        ],
      });
    }
    expect(recorded.text).not.to.include('z4711');
  });

  it('records what agents say and do within a response, without what is encrypted', async () => {
    const agent = { agent_name: 'root' };
    const asked = { call_id: 'call1', action: 'spawn_agent', agent };
    const told = {
      ...{ type: 'agent_message', id: 'g1', author: 'root', recipient: 'child', agent },
      content: [
        { type: 'encrypted_content', encrypted_content: 'c2VjcmV0' },
        { type: 'output_text', text: 'Look.', annotations: [] },
      ],
    };
    const output = [
      { type: 'multi_agent_call', id: 'i1', arguments: '{"name":"child"}', ...asked },
      { type: 'multi_agent_call_output', id: 'i2', output: [{ type: 'output_text', text: 'Done' }], ...asked },
      told,
      said,
    ];
    const summary = { type: 'compaction', id: 'k1', encrypted_content: 'c2VjcmV0' };
    await respond({ output }, [told, summary]);
    const shown = { type: 'agent_message', id: 'g1', author: 'root', recipient: 'child', agent, content: 'Look.' };
    for (const call of calls()) {
      expect(call.output).to.deep.equal({
        messages: [{ role: 'assistant', content: [shown, { type: 'text', text: 'Hello' }] }],
      });
      expect(call.input).to.deep.equal({
        messages: [
          { role: 'assistant', content: [shown] },
          { role: 'assistant', content: [{ type: 'compaction', id: 'k1' }] },
        ],
      });
    }
    expect(tools()).to.have.length(2);
    for (const span of tools()) {
      expect(span).to.deep.include({ name: 'multi_agent:spawn_agent', input: { name: 'child' }, output: 'Done' });
      expect(span.metadata).to.deep.include({ agent: 'root' });
    }
    expect(recorded.text).not.to.include('c2VjcmV0');
  });

  it('counts what was written to the cache for 12 hours', async () => {
    const input_tokens_details = {
      ...{ cached_tokens: 20, cache_write_tokens: 50 },
      cache_write_tokens_details: { ttl_12h_tokens: 30, ttl_30m_tokens: 20 },
    };
    const usage = { input_tokens: 100, input_tokens_details, output_tokens: 10, total_tokens: 110 };
    await respond({ output: [said], usage });
    for (const { tokenUsage } of calls()) {
      expect(tokenUsage).to.deep.equal({
        ...{ prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
        ...{ cache_read_tokens: 20, cache_creation_tokens: 50, cache_creation_12h_tokens: 30 },
      });
    }
  });

  it('records why the cache was missed, and what was left out of the input', async () => {
    const prompt_cache_diagnostics = { type: 'cache_miss', reason: 'tools_changed', cache_missed_tokens: 900 };
    const input_transformations = [{ type: 'reasoning', id: 'rs1', action: 'removed', reason: 'model_mismatch' }];
    await respond({ output: [said], prompt_cache_diagnostics, input_transformations });
    for (const { metadata } of calls()) {
      expect(metadata).to.deep.include({ prompt_cache_diagnostics, input_transformations });
    }
  });

  describe('moderation of input and output', () => {
    const result = (...names: string[]) => ({
      ...{ type: 'moderation_result', model: 'omni-moderation', category_scores: {} },
      flagged: names.length > 0,
      categories: { violence: false, ...Object.fromEntries(names.map((name) => [name, true])) },
    });
    const failed = { type: 'error', code: 'unavailable', message: 'no model' };
    const cases: Readonly<Record<string, readonly [given: object | null, recorded: object | undefined]>> = {
      'that flagged the input': [
        { input: result('hate'), output: result() },
        { input: ['hate'], output: [] },
      ],
      'that failed': [
        { input: result(), output: failed },
        { input: [], output: { error: 'no model' } },
      ],
      'that flagged nothing': [{ input: result(), output: result() }, undefined],
      'that was not asked for': [null, undefined],
    };
    for (const [what, [moderation, expected]] of Object.entries(cases)) {
      it(`is recorded as its categories: one ${what}`, async () => {
        await respond({ output: [said], moderation });
        const ask = { model: 'gpt-x', messages: [{ role: 'user' as const, content: 'Hi' }] };
        await client({ ...completion, moderation }).chat.completions.create(ask);
        const { choices, ...rest } = completion;
        const deltas = choices.map(({ message: delta, ...each }) => ({ ...each, delta }));
        const chunks = [
          { ...rest, choices: deltas },
          { ...rest, choices: [], moderation },
          { ...rest, choices: [] },
        ];
        await drain(await client(chunks).chat.completions.create({ ...ask, stream: true }));
        expect(recorded.spans.map(({ metadata }) => metadata?.moderation)).to.deep.equal(Array(4).fill(expected));
      });
    }
  });
});
