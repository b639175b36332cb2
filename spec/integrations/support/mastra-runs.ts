import type { Mastra } from '@mastra/core';
import type { Agent } from '@mastra/core/agent';
import { expect } from 'chai';
import OpenAI from 'openai';
import type { SpanView } from '../../../lib/client/sinks/trace-view.js';
import { type FrameworkOptions, PandaProbeExporter } from '../../../lib/integrations/mastra.js';
import { wrapOpenAI } from '../../../lib/wrappers/openai.js';
import { type Recorded, record, stopRecording } from '../../support/recorded.js';
import { type FakeModels, type ModelReply, startModels } from './fake-models.js';
import { needFrameworks } from './installed.js';
import { type InTool, loadMastra, type MastraScene } from './mastra-scene.js';
import { statusTree } from './status-tree.js';

/** What a span holds is read as it comes. */
// biome-ignore lint/suspicious/noExplicitAny: messages are compared, not used
type Loose = SpanView & { readonly input?: any; readonly output?: any };

/** What the model asks for: the tool w, for these cities. */
export const calls = (...cities: string[]): ModelReply => ({
  tools: cities.map((city, i) => ({ id: `t${i}`, name: 'w', args: { city } })),
});

/** Runs of the scene's agents, recorded by one exporter, anew in each test. */
class MastraRuns {
  scene!: MastraScene;
  models!: FakeModels;
  recorded!: Recorded;
  mastra!: Mastra;
  /** Any client of the program's own. */
  openai!: OpenAI;
  /** What the tool w does beside its answer. */
  inTool: InTool = () => {};

  readonly tree = () => statusTree(this.recorded.traces);
  readonly spans = () => this.recorded.spans as readonly Loose[];
  readonly named = (name: string) => this.spans().find((span) => span.name === name) as Loose;
  readonly agent = (name = 'boss') => this.mastra.getAgent(name as never) as Agent;
  readonly options = (given: FrameworkOptions) => {
    this.mastra = this.scene.mastra([new PandaProbeExporter(given)]);
  };
  readonly run = async (replies: Parameters<FakeModels['answer']>[0], name?: string) => {
    this.models.answer(replies);
    return (await this.agent(name).generate('How warm is it?')).text;
  };
  readonly textOf = async (stream: { readonly textStream: AsyncIterable<string> }) => {
    let text = '';
    for await (const piece of stream.textStream) text += piece;
    return text;
  };
  /** What the trees count in all, beside what the server has. */
  readonly expectTokensOnce = () => {
    const sum = (name: 'prompt_tokens' | 'completion_tokens') =>
      this.recorded.spans.reduce((all, { tokenUsage }) => all + (tokenUsage?.[name] ?? 0), 0);
    expect({ prompt: sum('prompt_tokens'), completion: sum('completion_tokens') }).to.deep.equal(this.models.counted);
  };
}

/** For the `describe` that calls it. */
export function useMastra(): MastraRuns {
  const runs = new MastraRuns();
  before(async function () {
    needFrameworks(this);
    runs.models = await startModels();
    runs.openai = wrapOpenAI(new OpenAI({ baseURL: runs.models.url, apiKey: 'k', maxRetries: 0 }));
    runs.scene = await loadMastra(runs.models.url, (city, span) => runs.inTool(city, span), runs.openai);
  });
  after(() => runs.models?.[Symbol.asyncDispose]());
  beforeEach(() => {
    runs.recorded = record();
    runs.inTool = () => {};
    runs.mastra = runs.scene.mastra([new PandaProbeExporter()]);
  });
  afterEach(() => stopRecording());
  return runs;
}
