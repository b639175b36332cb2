import OpenAI from 'openai';
import type { Options } from '../../../lib/config/options.js';
import { wrapOpenAI } from '../../../lib/wrappers/openai.js';
import { type Recorded, record, stopRecording } from '../../support/recorded.js';
import { type FakeModels, type ModelReply, type ModelScript, startModels } from './fake-models.js';
import { needFrameworks } from './installed.js';
import { statusTree } from './status-tree.js';

/** What an agent is asked. */
export const question = { messages: [{ role: 'user' as const, content: 'How warm is it?' }] };

/** The model calls `w` for these cities, all at once. */
export const callsFor = (...cities: string[]): ModelReply => ({
  tools: cities.map((city) => ({ id: `call-${city}`, name: 'w', args: { city } })),
});

/** A text that comes in so many pieces that nobody reads it to its end by chance. */
export const endless: ModelReply = { text: 'x', chunks: Array.from({ length: 400 }, () => 'ab') };

/** Sets up a suite with a model of LangChain's and a tool: call it in `describe`, use what it gives in specs. */
export function langChainScene() {
  let models: FakeModels;
  let others: FakeModels;
  let recorded: Recorded;
  let loaded: Awaited<ReturnType<typeof load>>;
  /** What the tool does before it answers. */
  let body: (city: string) => unknown = () => {};

  async function load() {
    const [{ ChatOpenAI }, { tool }, { z }] = await Promise.all([
      import('@langchain/openai'),
      import('@langchain/core/tools'),
      import('zod'),
    ]);
    const make = (more: object = {}) =>
      new ChatOpenAI({
        model: 'gpt-x',
        apiKey: 'S3CRET',
        maxRetries: 0,
        configuration: { baseURL: models.url },
        ...more,
      });
    const w = tool(
      async ({ city }) => {
        await body(city);
        return `${city}: 21 °C`;
      },
      { name: 'w', description: 'the weather', schema: z.object({ city: z.string() }) },
    );
    return { make, model: make(), w };
  }

  before(async function () {
    needFrameworks(this);
    [models, others] = await Promise.all([startModels(), startModels()]);
    loaded = await load();
  });
  after(async () => {
    await models?.[Symbol.asyncDispose]();
    await others?.[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    body = () => {};
    recorded = record();
  });
  afterEach(stopRecording);

  return {
    get models() {
      return models;
    },
    get recorded() {
      return recorded;
    },
    get model() {
      return loaded.model;
    },
    make: (more: object) => loaded.make(more),
    get w() {
      return loaded.w;
    },
    record(options: Options): void {
      recorded = record(options);
    },
    answer: (script: ModelScript) => models.answer(script),
    tool(does: (city: string) => unknown): void {
      body = does;
    },
    /** Asks a wrapped client of another server. */
    ask: () =>
      wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: others.url, maxRetries: 0 })).chat.completions.create({
        model: 'plain',
        messages: [{ role: 'user', content: 'Hi' }],
      }),
    tree: () => statusTree(recorded.traces),
    /** The tokens on all spans, as the server counts them. */
    tokens() {
      const sum = (key: 'prompt_tokens' | 'completion_tokens') =>
        recorded.spans.reduce((all, { tokenUsage }) => all + (tokenUsage?.[key] ?? 0), 0);
      return { prompt: sum('prompt_tokens'), completion: sum('completion_tokens') };
    },
  };
}
