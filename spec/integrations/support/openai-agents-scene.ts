import type * as Agents from '@openai/agents';
import { expect } from 'chai';
import OpenAI from 'openai';
import { type Recorded, record, stopRecording } from '../../support/recorded.js';
import { type FakeModels, type ModelReply, type ModelScript, startModels } from './fake-models.js';
import { needFrameworks } from './installed.js';
import { statusTree } from './status-tree.js';

/** The model calls `w` for these cities, all at once. */
export const callsFor = (...cities: string[]): ModelReply => ({
  tools: cities.map((city, i) => ({ id: `t${i}`, name: 'w', args: { city } })),
});

/** Sets up a suite with OpenAI Agents, a model and a tool: call it in `describe`, use what it gives in specs. */
export function openAIAgentsScene() {
  let agents: typeof Agents;
  let z: typeof import('zod').z;
  let models: FakeModels;
  let recorded: Recorded;
  /** What the tool does before it answers. */
  let body: (city: string) => unknown = () => {};

  before(async function () {
    needFrameworks(this);
    agents = await import('@openai/agents');
    ({ z } = await import('zod'));
    models = await startModels();
    agents.setTraceProcessors([]); // OpenAI's own would ask the network
    agents.setTracingDisabled(false);
  });
  after(async () => {
    agents?.setTraceProcessors([]);
    await models?.[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    body = () => {};
    recorded = record();
  });
  afterEach(stopRecording);

  const openAI = () => new OpenAI({ baseURL: models.url, apiKey: 'k', maxRetries: 0 });
  const w = (more: object = {}) =>
    agents.tool({
      ...{ name: 'w', description: 'Weather', parameters: z.object({ city: z.string() }) },
      execute: async ({ city }: { city: string }) => {
        await body(city);
        return { city, degrees: 3 };
      },
      ...more,
    });
  const agent = (name: string, more: object = {}) =>
    new agents.Agent({ name, instructions: 'Be brief.', model: 'gpt-x', ...more });

  return {
    get agents() {
      return agents;
    },
    get models() {
      return models;
    },
    get recorded() {
      return recorded;
    },
    answer: (script: ModelScript) => models.answer(script),
    tool(does: (city: string) => unknown): void {
      body = does;
    },
    /** A client for the fake models. */
    openAI,
    w,
    agent,
    /** An agent with the tool. */
    boss: (more: object = {}) => agent('boss', { tools: [w()], ...more }),
    /** Runs agents with the fake models, whatever client is the framework's default. */
    runner(config: Partial<Agents.RunConfig> = {}): Agents.Runner {
      const modelProvider = new agents.OpenAIProvider({ openAIClient: openAI() as never, useResponses: false });
      return new agents.Runner({ modelProvider, ...config });
    },
    tree: () => statusTree(recorded.traces),
    /** Fails unless the trees count each token once: as many as the models have counted. */
    expectTokensOnce(): void {
      const sum = (name: 'prompt_tokens' | 'completion_tokens') =>
        recorded.spans.reduce((all, { tokenUsage }) => all + (tokenUsage?.[name] ?? 0), 0);
      expect({ prompt: sum('prompt_tokens'), completion: sum('completion_tokens') }).to.deep.equal(models.counted);
    },
  };
}
