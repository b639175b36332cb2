import { expect } from 'chai';
import { unwrap, type WrapOptions, wrapGemini } from '../../lib/wrappers/gemini.js';
import type { Answer } from '../support/provider.js';
import { drain, rejection } from '../support/recorded.js';
import { noise } from './support/noise.js';
import { json, useScene } from './support/scene.js';
import { googleClients } from './support/versions.js';

const usage = {
  total_input_tokens: 12,
  total_tool_use_tokens: 3,
  total_cached_tokens: 5,
  total_output_tokens: 4,
  total_thought_tokens: 6,
  total_tokens: 25,
  input_tokens_by_modality: [
    { modality: 'text', tokens: 4 },
    { modality: 'audio', tokens: 8 },
  ],
  output_tokens_by_modality: [{ modality: 'text', tokens: 4 }],
};
const tokens = {
  prompt_tokens: 15,
  completion_tokens: 10,
  total_tokens: 25,
  reasoning_tokens: 6,
  cache_read_tokens: 5,
  prompt_audio_tokens: 8,
};
const weather = { id: 'f1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } };
const base64 = noise(3000).toString('base64');

const steps = [
  { type: 'thought', signature: 'sig', summary: [{ type: 'text', text: 'six times seven' }] },
  { type: 'google_search_call', id: 's1', arguments: { queries: ['42'] }, signature: 'sig' },
  { type: 'google_search_result', call_id: 's1', result: [{ title: 'The answer' }] },
  { type: 'model_output', content: [{ type: 'text', text: 'It is 42' }] },
  { type: 'function_call', id: 'f1', name: 'weather', arguments: { city: 'Bern' } },
];
const whole = { id: 'i1', status: 'requires_action', model: 'gemini-x-001', steps, usage };

const started = (index: number, step: object) => ({ event_type: 'step.start', index, step });
const delta = (index: number, given: object) => ({ event_type: 'step.delta', index, delta: given });
const completed = (status: string, rest: object = {}) => ({
  event_type: 'interaction.completed',
  interaction: { id: 'i1', status, model: 'gemini-x-001', usage, ...rest },
});
const events = [
  { event_type: 'interaction.created', interaction: { id: 'i1', status: 'in_progress', model: 'gemini-x-001' } },
  started(0, { type: 'thought' }),
  delta(0, { type: 'thought_summary', content: { type: 'text', text: 'six times ' } }),
  delta(0, { type: 'thought_summary', content: { type: 'text', text: 'seven' } }),
  delta(0, { type: 'thought_signature', signature: 'sig' }),
  { event_type: 'step.stop', index: 0 },
  started(1, { type: 'google_search_call', id: 's1', arguments: {} }),
  delta(1, { type: 'google_search_call', arguments: { queries: ['42'] }, signature: 'sig' }),
  started(2, { type: 'google_search_result', call_id: 's1' }),
  delta(2, { type: 'google_search_result', result: [{ title: 'The answer' }] }),
  started(3, { type: 'model_output' }),
  delta(3, { type: 'text', text: 'It is ' }),
  delta(3, { type: 'text', text: '42' }),
  started(4, { type: 'function_call', id: 'f1', name: 'weather', arguments: {} }),
  delta(4, { type: 'arguments_delta', arguments: '{"city":' }),
  delta(4, { type: 'arguments_delta', arguments: '"Bern"}' }),
  completed('requires_action'),
];

for (const [name, GoogleGenAI] of await googleClients()) {
  describe(`wrapGemini(): interactions, ${name}`, () => {
    const scene = useScene();

    const client = (options?: WrapOptions) =>
      wrapGemini(
        new GoogleGenAI({
          apiKey: 'AIzaSecretKeyz4711',
          httpOptions: { baseUrl: scene.url, retryOptions: { attempts: 1 } },
        }),
        options,
      );
    const sse = (...given: readonly unknown[]): Answer => ({ kind: 'sse', events: given });
    const ask = (input: string) => client().interactions.create({ model: 'gemini-x', input });
    const askStreamed = async (input: string) =>
      drain(await client().interactions.create({ model: 'gemini-x', input, stream: true }));
    const llm = () => scene.recorded.spans.filter(({ kind }) => kind === 'LLM');

    const expected = {
      name: 'gemini-interaction',
      kind: 'LLM',
      status: 'OK',
      model: 'gemini-x-001',
      input: { messages: [{ role: 'user', content: 'How much?' }] },
      output: { messages: [{ role: 'assistant', content: 'It is 42', tool_calls: [weather] }] },
      tokenUsage: tokens,
      metadata: { response_id: 'i1', status: 'requires_action', reasoning_summary: 'six times seven' },
    };
    const toolSpans = [
      ['google_search', { queries: ['42'] }, [{ title: 'The answer' }]],
      ['function_call:weather', { city: 'Bern' }, undefined],
    ];
    const tools = () =>
      scene.recorded.spans.filter(({ kind }) => kind === 'TOOL').map((span) => [span.name, span.input, span.output]);

    it('records text, thoughts, calls, tools and tokens', async () => {
      scene.answer = json(whole);
      const given = await ask('How much?');
      expect(given.id).to.equal('i1');
      expect(llm()[0]).to.deep.include(expected);
      expect(tools()).to.deep.equal(toolSpans);
      expect(scene.recorded.text).not.to.include('sig');
    });

    it('records the same of a stream, with the time of the first token', async () => {
      scene.answer = sse(...events);
      const given = await askStreamed('How much?');
      expect(given).to.have.length(events.length);
      expect(llm()[0]).to.deep.include(expected);
      expect(llm()[0]?.completionStartTime).not.to.equal(undefined);
      expect(tools()).to.deep.equal(toolSpans);
    });

    describe('of an answer that the client continues with a second request', () => {
      const thought = { type: 'thought', summary: [{ type: 'text', text: 'six times ' }] };
      const first = { total_input_tokens: 10, total_output_tokens: 5, total_tokens: 15 };
      const second = { total_input_tokens: 20, total_output_tokens: 2, total_tokens: 22 };
      const cut = { status: 'requires_continuation', continuation_token: 'tok', usage: first };
      const expectWhole = () => {
        expect(llm()).to.have.length(1);
        const [span] = llm();
        expect(span?.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'It is 42' }] });
        expect(span?.tokenUsage).to.deep.equal({ prompt_tokens: 30, completion_tokens: 7, total_tokens: 37 });
        expect(span?.metadata).to.deep.equal({
          response_id: 'i2',
          status: 'completed',
          reasoning_summary: 'six times ',
        });
      };
      /** Each request gets the next answer. */
      const inOrder = (...answers: readonly Answer[]) => {
        let at = 0;
        Object.defineProperty(scene, 'answer', { configurable: true, get: () => answers[at++] ?? answers.at(-1) });
      };
      afterEach(() => Object.defineProperty(scene, 'answer', { value: { kind: 'hang' }, writable: true }));

      it('records the whole of it', async () => {
        const said = (text: string) => ({ type: 'model_output', content: [{ type: 'text', text }] });
        inOrder(
          json({ ...whole, ...cut, steps: [thought, said('It is ')] }),
          json({ ...whole, id: 'i2', status: 'completed', steps: [said('42')], usage: second }),
        );
        await ask('How much?');
        expectWhole();
      });

      it('records the whole of its stream', async () => {
        const created = (id: string) => ({
          event_type: 'interaction.created',
          interaction: { id, status: 'in_progress' },
        });
        inOrder(
          sse(
            created('i1'),
            started(0, thought),
            started(1, { type: 'model_output' }),
            delta(1, { type: 'text', text: 'It is ' }),
            completed('requires_continuation', cut),
          ),
          sse(
            created('i2'),
            started(0, { type: 'model_output' }),
            delta(0, { type: 'text', text: '42' }),
            completed('completed', { id: 'i2', usage: second }),
          ),
        );
        const given = await askStreamed('How much?');
        expect(given).to.have.length(9);
        expectWhole();
      });
    });

    it('keeps the output so far if a stream is left early', async () => {
      scene.answer = sse(...events);
      const stream = await client().interactions.create({ model: 'gemini-x', input: 'How much?', stream: true });
      for await (const event of stream) if (JSON.stringify(event).includes('It is ')) break;
      expect(llm()[0]?.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'It is ' }] });
      expect(llm()[0]?.metadata).to.deep.include({ stream_incomplete: true });
    });

    it('keeps the tokens counted so far if a stream is left early', async () => {
      const more = { ...usage, total_output_tokens: 5, total_tokens: 26 };
      scene.answer = sse(
        started(0, { type: 'model_output' }),
        { ...delta(0, { type: 'text', text: 'It is ' }), metadata: { total_usage: usage } },
        { event_type: 'step.stop', index: 0, usage: more },
        started(1, { type: 'model_output' }),
        delta(1, { type: 'text', text: '42' }),
        completed('completed'),
      );
      const stream = await client().interactions.create({ model: 'gemini-x', input: 'How much?', stream: true });
      for await (const event of stream) if (JSON.stringify(event).includes('42')) break;
      expect(llm()[0]?.tokenUsage).to.deep.equal({ ...tokens, completion_tokens: 11, total_tokens: 26 });
    });

    for (const type of ['text_annotation_delta', 'text_annotation'])
      it(`records pictures and sound of a stream by their size, and a ${type} with its text`, async () => {
        scene.answer = sse(
          started(0, { type: 'model_output' }),
          delta(0, { type: 'text', text: 'here' }),
          delta(0, { type, annotations: [{ type: 'url_citation', url: 'https://pandas.test' }] }),
          delta(0, { type: 'image', mime_type: 'image/png', data: base64 }),
          delta(0, { type: 'audio', mime_type: 'audio/l16', data: base64 }),
          delta(0, { type: 'audio', mime_type: 'audio/l16', data: base64 }),
          completed('completed'),
        );
        await askStreamed('Draw');
        const content = [
          { type: 'text', text: 'here', annotations: [{ type: 'url_citation', url: 'https://pandas.test' }] },
          { type: 'image', mime_type: 'image/png', size_bytes: 3000 },
          { type: 'audio', mime_type: 'audio/l16', size_bytes: 6000 },
        ];
        expect(llm()[0]?.output).to.deep.equal({ messages: [{ role: 'assistant', content }] });
        expect(scene.recorded.text).not.to.include(base64.slice(0, 40));
      });

    it('records the request: instructions, pictures, results of functions, parameters', async () => {
      scene.answer = json({ ...whole, steps: steps.slice(3, 4) });
      await client().interactions.create({
        model: 'gemini-x',
        system_instruction: 'Be brief.',
        previous_interaction_id: 'i0',
        generation_config: { temperature: 0.5, thinking_level: 'low' },
        tools: [{ type: 'function', name: 'weather' }, { type: 'google_search' }],
        input: [
          {
            type: 'user_input',
            content: [
              { type: 'text', text: 'And this?' },
              { type: 'image', mime_type: 'image/png', data: base64 },
            ],
          },
          { type: 'thought', signature: 'sig' },
          { type: 'function_call', id: 'f1', name: 'weather', arguments: { city: 'Bern' } },
          { type: 'function_result', call_id: 'f1', name: 'weather', result: { degrees: 21 } },
        ],
      });
      const [span] = llm();
      expect(span?.input).to.deep.equal({
        messages: [
          { role: 'system', content: 'Be brief.' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'And this?' },
              { type: 'image', mime_type: 'image/png', size_bytes: 3000 },
            ],
          },
          { role: 'assistant', content: null, tool_calls: [weather] },
          { role: 'tool', tool_call_id: 'f1', name: 'weather', content: '{"degrees":21}' },
        ],
      });
      expect(span?.modelParameters).to.deep.equal({ temperature: 0.5, thinking_level: 'low' });
      expect(span?.metadata).to.deep.include({ previous_interaction_id: 'i0', tools: ['weather', 'google_search'] });
    });

    it('reads the form of older clients: contents without steps, and turns', async () => {
      scene.answer = json({
        id: 'i1',
        status: 'completed',
        outputs: [
          { type: 'text', text: 'It is ' },
          { type: 'text', text: '42' },
        ],
        usage,
      });
      const turns = [
        { role: 'user', content: 'Hi' },
        { role: 'model', content: [{ type: 'text', text: 'Hello' }] },
      ];
      await client().interactions.create({ model: 'gemini-x', input: turns as never });
      scene.answer = sse(
        { event_type: 'content.start', index: 0, content: { type: 'text' } },
        { event_type: 'content.delta', index: 0, delta: { type: 'text', text: 'It is ' } },
        { event_type: 'content.delta', index: 0, delta: { type: 'text', text: '42' } },
        { event_type: 'interaction.complete', interaction: { id: 'i1', status: 'completed', usage } },
      );
      await askStreamed('Hi');
      expect(llm()[0]?.input).to.deep.equal({
        messages: [
          { role: 'user', content: 'Hi' },
          { role: 'assistant', content: 'Hello' },
        ],
      });
      const said = { messages: [{ role: 'assistant', content: 'It is 42' }] };
      expect(llm().map(({ output }) => output)).to.deep.equal([said, said]);
      expect(llm().map(({ tokenUsage }) => tokenUsage)).to.deep.equal([tokens, tokens]);
    });

    it('counts thoughts once if the output includes them, and makes up no missing counts', async () => {
      const within = { total_input_tokens: 10, total_output_tokens: 9, total_thought_tokens: 6, total_tokens: 19 };
      scene.answer = json({ ...whole, usage: within });
      await ask('How much?');
      scene.answer = json({ ...whole, usage: undefined });
      await ask('How much?');
      expect(llm().map(({ tokenUsage }) => tokenUsage)).to.deep.equal([
        { prompt_tokens: 10, completion_tokens: 9, total_tokens: 19, reasoning_tokens: 6 },
        undefined,
      ]);
    });

    it('records an agent by its name, and one that works in the background by its status', async () => {
      scene.answer = json({ id: 'i2', status: 'in_progress', agent: 'deep-research' });
      await client().interactions.create({ agent: 'deep-research', input: 'Pandas', background: true });
      expect(scene.recorded.span).to.deep.include({ model: undefined, output: undefined, tokenUsage: undefined });
      expect(scene.recorded.span.metadata).to.deep.equal({
        agent: 'deep-research',
        response_id: 'i2',
        status: 'in_progress',
      });
    });

    it('fails for a failure in the status, in the reply and in a stream', async () => {
      scene.answer = { kind: 'json', status: 400, body: { error: { code: 'invalid', message: 'nope' } } };
      await rejection(ask('Hi'));
      scene.answer = json({ id: 'i1', status: 'failed', errors: [{ code: 'overloaded', message: 'try again' }] });
      await ask('Hi');
      scene.answer = sse(started(0, { type: 'model_output' }), delta(0, { type: 'text', text: 'par' }), {
        event_type: 'error',
        error: { code: 'overloaded', message: 'try again' },
      });
      await askStreamed('Hi').catch(() => {}); // a newer client may throw it
      expect(llm().map(({ status }) => status)).to.deep.equal(['ERROR', 'ERROR', 'ERROR']);
      expect(llm()[0]?.error).to.include('nope');
      expect(llm()[1]?.error).to.equal('try again');
      expect(llm()[1]?.metadata?.error).to.deep.equal({ type: 'error', code: 'overloaded' });
      expect(llm()[2]?.error).to.include('try again');
      expect(llm()[2]?.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'par' }] });
    });

    it('is restored by unwrap, before or after its first use', async () => {
      scene.answer = json(whole);
      const used = client();
      const { interactions } = used;
      unwrap(used);
      await interactions.create({ model: 'gemini-x', input: 'Hi' });
      await unwrap(client()).interactions.create({ model: 'gemini-x', input: 'Hi' });
      expect(Object.hasOwn(used, 'interactions')).to.equal(false);
      expect(used.interactions).to.equal(interactions);
      expect(scene.recorded.traces).to.deep.equal([]);
    });
  });
}
