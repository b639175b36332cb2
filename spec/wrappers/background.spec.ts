import { expect } from 'chai';
import { suppressProviderSpans, withSpan, withTrace } from '../../lib/index.js';
import { wrapGemini } from '../../lib/wrappers/gemini.js';
import { type WrapOptions, wrapOpenAI } from '../../lib/wrappers/openai.js';
import type { Answer } from '../support/provider.js';
import { drain, rejection } from '../support/recorded.js';
import { json, useScene } from './support/scene.js';
import { googleClients, openAIClients } from './support/versions.js';

const done = { messages: [{ role: 'assistant', content: 'Done' }] };
const tokens = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };

/** So that no case knows the ids of another one. */
let runs = 0;
const newId = () => {
  runs += 1;
  return `r${runs}`;
};

for (const [name, OpenAI] of await openAIClients()) {
  describe(`A response of ${name} that is made in the background`, () => {
    const scene = useScene();
    const client = (options?: WrapOptions) =>
      wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: scene.url, maxRetries: 0, logLevel: 'off' }), options);
    const spans = () => scene.recorded.spans.map(({ metadata }) => `${metadata?.response_id} ${metadata?.status}`);

    const response = (id: string, status: string, more: object = {}) => ({
      ...{ id, object: 'response', status, background: true, model: 'gpt-x-2026', output: [], usage: null },
      ...more,
    });
    const completed = (id: string) =>
      response(id, 'completed', {
        output: [
          {
            id: 'm',
            type: 'message',
            role: 'assistant',
            content: [{ type: 'output_text', text: 'Done', annotations: [] }],
          },
        ],
        usage: { input_tokens: 7, output_tokens: 3, total_tokens: 10 },
      });
    const text = { type: 'response.output_text.delta', item_id: 'm', output_index: 0, delta: 'Do' };
    const sse = (events: readonly object[], after: 'end' | 'cut' = 'end'): Answer => ({
      ...{ kind: 'sse', named: true, events, after },
    });
    const begin = async (openai: InstanceType<typeof OpenAI>, id: string) => {
      scene.answer = json(response(id, 'queued'));
      await openai.responses.create({ model: 'gpt-x', input: 'Hi', background: true });
    };

    it('has a second span when it is retrieved complete, once, below what is current then', async () => {
      const openai = client();
      const id = newId();
      await withTrace('t', async () => {
        await begin(openai, id);
        await withSpan('poll', async () => {
          scene.answer = json(response(id, 'in_progress'));
          await openai.responses.retrieve(id);
          scene.answer = json(completed(id));
          expect((await openai.responses.retrieve(id)).output_text).to.equal('Done');
          await openai.responses.retrieve(id);
        });
      });
      expect(scene.recorded.memory.tree()).to.equal(
        't\n├─ openai-response LLM\n└─ poll OTHER\n   └─ openai-response LLM',
      );
      expect(spans()).to.deep.equal([`${id} queued`, 'undefined undefined', `${id} completed`]);
      const [asked, , made] = scene.recorded.spans;
      expect(asked).to.deep.include({ output: undefined, tokenUsage: undefined });
      expect(made).to.deep.include({ model: 'gpt-x-2026', input: undefined, output: done, tokenUsage: tokens });
    });

    it('has it in a trace of its own with the options of the wrapper, also if another client retrieves it', async () => {
      const options = { tags: ['night'], captureOutput: false };
      const openai = client(options);
      const [first, second] = [newId(), newId()];
      await begin(openai, first);
      await begin(openai, second);
      for (const id of [second, first]) {
        scene.answer = json(completed(id));
        await openai.withOptions({ timeout: 1000 }).responses.retrieve(id).withResponse();
      }
      expect(spans()).to.deep.equal([
        ...[`${first} queued`, `${second} queued`, `${second} completed`, `${first} completed`],
      ]);
      for (const trace of scene.recorded.traces) expect(trace).to.deep.include({ tags: ['night'], output: undefined });
    });

    it('is recorded when it has failed or is cancelled', async () => {
      const openai = client();
      const [failed, cancelled] = [newId(), newId()];
      await begin(openai, failed);
      scene.answer = json(response(failed, 'failed', { error: { code: 'server_error', message: 'it broke' } }));
      await openai.responses.retrieve(failed);
      await begin(openai, cancelled);
      scene.answer = json(response(cancelled, 'cancelled'));
      await openai.responses.cancel(cancelled);
      expect(spans().filter((each) => !each.endsWith('queued'))).to.deep.equal([
        ...[`${failed} failed`, `${cancelled} cancelled`],
      ]);
      expect(scene.recorded.spans[1]).to.deep.include({ status: 'ERROR', error: 'it broke' });
    });

    it('is recorded when its stream is read to the end, also a second time after the first was cut', async () => {
      const openai = client();
      const id = newId();
      const created = { type: 'response.created', response: response(id, 'queued') };
      scene.answer = sse([created, text], 'cut');
      const stream = await openai.responses.create({ model: 'gpt-x', input: 'Hi', background: true, stream: true });
      await rejection(drain(stream));
      scene.answer = sse([text, { type: 'response.completed', response: completed(id) }]);
      const again = () => openai.responses.retrieve(id, { stream: true, starting_after: 0 });
      await drain(await again());
      await drain(await again());
      const [cut, made, ...others] = scene.recorded.spans;
      expect(cut).to.deep.include({ status: 'ERROR', tokenUsage: undefined });
      expect(made).to.deep.include({ status: 'OK', input: undefined, output: done, tokenUsage: tokens });
      expect(others).to.deep.equal([]);
    });

    it('is not recorded if nobody saw it begin, or an integration records it', async () => {
      const openai = client();
      const id = newId();
      scene.answer = json(completed(id));
      await openai.responses.retrieve(id);
      await suppressProviderSpans(() => begin(openai, id));
      scene.answer = json(completed(id));
      await openai.responses.retrieve(id);
      expect(scene.recorded.spans).to.deep.equal([]);
    });

    it('passes on an error of a request for it, and is recorded later', async () => {
      const openai = client();
      const id = newId();
      await begin(openai, id);
      scene.answer = { kind: 'json', status: 500, body: { error: { message: 'nope' } } };
      expect(String(await rejection(openai.responses.retrieve(id)))).to.include('nope');
      scene.answer = json(completed(id));
      await openai.responses.retrieve(id);
      expect(spans()).to.deep.equal([`${id} queued`, `${id} completed`]);
    });
  });
}

for (const [name, GoogleGenAI] of await googleClients()) {
  describe(`An interaction of ${name} that is made in the background`, () => {
    const scene = useScene();

    it('has a second span when it is got complete, once', async () => {
      const { interactions } = wrapGemini(new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: scene.url } }));
      const id = newId();
      scene.answer = json({ id, status: 'in_progress', agent: 'deep-research' });
      await interactions.create({ agent: 'deep-research', input: 'Pandas', background: true });
      await interactions.get(id);
      const usage = { total_input_tokens: 7, total_output_tokens: 3, total_tokens: 10 };
      const steps = [{ type: 'model_output', content: [{ type: 'text', text: 'Done' }] }];
      scene.answer = json({ id, status: 'completed', agent: 'deep-research', steps, usage });
      await interactions.get(id);
      await interactions.get(id);
      const [asked, made, ...others] = scene.recorded.spans;
      expect(asked).to.deep.include({ output: undefined, tokenUsage: undefined });
      expect(made).to.deep.include({ name: 'gemini-interaction', output: done, tokenUsage: tokens });
      expect(made?.metadata).to.deep.equal({ agent: 'deep-research', response_id: id, status: 'completed' });
      expect(others).to.deep.equal([]);
    });
  });
}
