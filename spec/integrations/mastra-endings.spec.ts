import type * as MastraCore from '@mastra/core';
import { expect } from 'chai';
import OpenAI from 'openai';
import type { SpanView } from '../../lib/client/sinks/trace-view.js';
import { type FrameworkOptions, PandaProbeExporter } from '../../lib/integrations/mastra.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { until } from '../support/until.js';
import { type Recorded, record, rejection, stopRecording } from '../wrappers/support/recorded.js';
import { type FakeModels, type ModelReply, startModels } from './support/fake-models.js';
import { needFrameworks } from './support/installed.js';
import { loadMastra, type MastraScene } from './support/mastra-scene.js';
import { statusTree } from './support/status-tree.js';

/** What a span holds is read as it comes. */
// biome-ignore lint/suspicious/noExplicitAny: messages are compared, not used
type Loose = SpanView & { readonly input?: any; readonly output?: any };

/** What the model asks for: the tool w, for these cities. */
const calls = (...cities: string[]): ModelReply => ({
  tools: cities.map((city, i) => ({ id: `t${i}`, name: 'w', args: { city } })),
});

describe('A run of Mastra', () => {
  let scene: MastraScene;
  let models: FakeModels;
  let recorded: Recorded;
  let mastra: MastraCore.Mastra;
  /** Any client of the program's own. */
  let openai: OpenAI;
  /** What the tool w does beside its answer. */
  let inTool: (city: string) => unknown = () => {};

  before(async function () {
    needFrameworks(this);
    models = await startModels();
    openai = wrapOpenAI(new OpenAI({ baseURL: models.url, apiKey: 'k', maxRetries: 0 }));
    scene = await loadMastra(models.url, (city) => inTool(city), openai);
  });
  after(() => models?.[Symbol.asyncDispose]());
  beforeEach(() => {
    recorded = record();
    inTool = () => {};
    mastra = scene.mastra([new PandaProbeExporter()]);
  });
  afterEach(() => stopRecording());

  const tree = () => statusTree(recorded.traces);
  const spans = () => recorded.spans as readonly Loose[];
  const named = (name: string) => spans().find((span) => span.name === name) as Loose;
  const agent = (name = 'boss') => mastra.getAgent(name as never) as import('@mastra/core/agent').Agent;
  const options = (given: FrameworkOptions) => {
    mastra = scene.mastra([new PandaProbeExporter(given)]);
  };
  const run = async (replies: Parameters<FakeModels['answer']>[0], name?: string) => {
    models.answer(replies);
    return (await agent(name).generate('How warm is it?')).text;
  };
  const textOf = async (stream: { readonly textStream: AsyncIterable<string> }) => {
    let text = '';
    for await (const piece of stream.textStream) text += piece;
    return text;
  };
  /** What the trees count in all, beside what the server has. */
  const expectTokensOnce = () => {
    const sum = (name: 'prompt_tokens' | 'completion_tokens') =>
      recorded.spans.reduce((all, { tokenUsage }) => all + (tokenUsage?.[name] ?? 0), 0);
    expect({ prompt: sum('prompt_tokens'), completion: sum('completion_tokens') }).to.deep.equal(models.counted);
  };
  const twoTools = [
    'boss COMPLETED',
    '  boss AGENT OK',
    '    gpt-x LLM gpt-x-2026 10+5 OK',
    '    w TOOL OK',
    '    w TOOL OK',
    '    gpt-x LLM gpt-x-2026 11+5 OK',
  ].join('\n');

  describe('where something goes wrong', () => {
    it('records a tool that throws as ERROR, and the run as what it became', async () => {
      inTool = () => Promise.reject(new Error('tool broke'));
      expect(await run([calls('A'), { text: 'No luck.' }])).to.equal('No luck.');
      expect(tree()).to.match(/^boss COMPLETED\n.*AGENT OK\n.*OK\n {4}w TOOL ERROR\n.*OK$/);
      expect(named('w').error).to.equal('Error: tool broke');
    });

    it('records a tool that is called with what it does not take as ERROR', async () => {
      await run([{ tools: [{ id: 't', name: 'w', args: { town: 'A' } }] }, { text: 'Sorry.' }]);
      expect(tree()).to.match(/^boss COMPLETED\n.*AGENT OK\n.*OK\n {4}w TOOL ERROR\n.*OK$/);
      expect(named('w').error)
        .to.match(/^Error: Tool input validation failed for w\./)
        .and.not.include('town');
    });

    it('records a connection that is cut as ERROR, with what there was of the answer', async () => {
      models.answer([{ text: 'Hello there', cut: true }]);
      await textOf(await agent().stream('Hi'));
      await until(() => recorded.traces.length === 1);
      expect(tree()).to.equal(['boss ERROR', '  boss AGENT ERROR', '    gpt-x LLM gpt-x ERROR'].join('\n'));
      expect(named('gpt-x').output).to.deep.equal({ messages: [{ role: 'assistant', content: 'Hello there' }] });
    });

    it('records a model that fails as ERROR from the trace down to the call, after a tool, too', async () => {
      const error = await rejection(run([calls('A'), { status: 400, message: 'nope' }]));
      expect(tree()).to.equal(
        [
          'boss ERROR',
          '  boss AGENT ERROR',
          '    gpt-x LLM gpt-x-2026 10+5 OK',
          '    w TOOL OK',
          '    gpt-x LLM gpt-x ERROR',
        ].join('\n'),
      );
      expect(error.message).to.include('nope');
      for (const { status, error: text } of spans()) {
        if (status === 'ERROR') expect(text).to.equal('AI_APICallError: nope');
      }
    });

    it('records the answer of the model that stands in for one that failed', async () => {
      expect(await run([{ status: 400, message: 'nope' }, { text: 'Cold.' }], 'careful')).to.equal('Cold.');
      expect(tree()).to.equal(
        [
          'careful COMPLETED',
          '  careful AGENT OK',
          '    gpt-x LLM gpt-x-2026 11+5 OK', // both in one call, says the framework
        ].join('\n'),
      );
    });

    it('records a run that is aborted as aborted, not as an error', async () => {
      const abort = new AbortController();
      models.answer([{ text: 'Hello', hang: true }]);
      const stream = await agent().stream('Hi', { abortSignal: abort.signal });
      for await (const _piece of stream.textStream) abort.abort();
      await until(() => recorded.traces.length === 1);
      expect(tree()).to.match(/^boss COMPLETED\n {2}boss AGENT OK\n {4}gpt-x LLM gpt-x OK$/);
      for (const { metadata } of spans()) expect(metadata.aborted).to.equal(true);
    });
  });

  describe('with settings of the framework', () => {
    it('keeps the tree where the framework leaves span types out, and the tokens where a call has none of its own', async () => {
      const without = async (...excludeSpanTypes: string[]) => {
        recorded.memory.clear();
        mastra = scene.mastra([new PandaProbeExporter()], { excludeSpanTypes });
        await run([calls('A', 'B'), { text: 'Cold.' }]);
        return tree();
      };
      expect(await without('model_chunk')).to.equal(twoTools);
      expect(await without('model_step', 'model_chunk')).to.equal(twoTools);
      expect((await without('model_generation')).replaceAll('    gpt-x-2026 LLM', '    gpt-x LLM')).to.equal(twoTools);
      expect((await without('model_inference')).split('\n')).to.include('    gpt-x LLM gpt-x-2026 21+10 OK');
      expectTokensOnce();
    });

    it('shows what it folds where it is told to, each token still once', async () => {
      options({ showInternals: true });
      await run([calls('A'), { text: 'Cold.' }]);
      expect(tree()).to.equal(
        [
          'boss COMPLETED',
          '  boss AGENT OK',
          '    step: 0 OTHER OK',
          '      gpt-x LLM gpt-x-2026 10+5 OK',
          '      w TOOL OK',
          '    step: 1 OTHER OK',
          '      gpt-x LLM gpt-x-2026 11+5 OK',
        ].join('\n'),
      );
      expectTokensOnce();
    });

    it('records each of two runs that the program gives one trace id', async () => {
      models.answer([{ text: 'Cold.' }]);
      const tracingOptions = { traceId: 'a'.repeat(32) };
      await Promise.all(['one', 'two'].map((text) => agent().generate(text, { tracingOptions })));
      expect(recorded.traces.map(({ name, spans: all }) => [name, all.length])).to.deep.equal([
        ['boss', 2],
        ['boss', 2],
      ]);
    });
  });
});
