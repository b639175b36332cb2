import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type * as ADK from '@google/adk';
import type * as Strands from '@strands-agents/sdk';
import { expect } from 'chai';
import OpenAI from 'openai';
import { GoogleADKAdapter } from '../../lib/integrations/google-adk.js';
import { pandaProbePlugin } from '../../lib/integrations/strands.js';
import { type Recorded, record, stopRecording } from '../support/recorded.js';
import { until } from '../support/until.js';
import { type FakeModels, startModels } from './support/fake-models.js';
import { needFrameworks } from './support/installed.js';
import { statusTree } from './support/status-tree.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** A tool call, and then an answer in many pieces. */
const script = [
  { tools: [{ id: 't', name: 'w', args: { city: 'Oslo' } }] },
  { text: 'x', chunks: Array.from({ length: 200 }, () => 'cold '), chunkDelay: 1 },
];

/** Ways to leave a generator early, when it has said a part of the answer. */
const ways: Readonly<Record<string, (events: AsyncGenerator, isAnswer: (event: never) => boolean) => Promise<void>>> = {
  async 'by break'(events, isAnswer) {
    for await (const event of events) if (isAnswer(event as never)) break;
  },
  async 'by an error in the loop'(events, isAnswer) {
    try {
      for await (const event of events) if (isAnswer(event as never)) throw new Error('mine');
    } catch {}
  },
  async 'without a word'(events, isAnswer) {
    while (!isAnswer((await events.next()).value as never));
  },
};

describe('A generator that is left early', () => {
  let models: FakeModels;
  let recorded: Recorded;
  let z: typeof import('zod').z;

  before(async function () {
    needFrameworks(this);
    models = await startModels();
    ({ z } = await import('zod'));
  });
  after(() => models?.[Symbol.asyncDispose]());
  beforeEach(() => {
    recorded = record();
    models.answer(script);
  });
  afterEach(stopRecording);

  async function expectEnded(tree: string): Promise<void> {
    await until(() => {
      collectGarbage();
      return recorded.traces.length === 1;
    });
    expect(statusTree(recorded.traces)).to.equal(tree);
    const { trace, spans } = recorded;
    const last = spans.at(-1);
    expect(last?.metadata.stream_incomplete).to.equal(true);
    expect(JSON.stringify(last?.output)).to.match(/"(cold )+"/);
    for (const { kind, metadata, output } of spans) {
      if (kind !== 'AGENT' && kind !== 'CHAIN') continue;
      expect(metadata.incomplete).to.equal(true);
      expect(output).to.deep.equal(last?.output);
    }
    expect(trace.output).to.deep.equal(last?.output);
  }

  describe('of Google ADK', () => {
    const variables = { ...process.env };
    let adk: typeof ADK;
    let adapter: GoogleADKAdapter | undefined;

    before(async () => {
      process.env.GOOGLE_GEMINI_BASE_URL = models.url.replace('/v1', '');
      process.env.GOOGLE_GENAI_API_KEY = 'k';
      adk = await import('@google/adk');
      adk.setLogLevel(adk.LogLevel.ERROR);
      adapter = new GoogleADKAdapter();
      adapter.instrument(adk);
    });
    after(() => {
      adapter?.uninstrument(adk);
      for (const name of ['GOOGLE_GEMINI_BASE_URL', 'GOOGLE_GENAI_API_KEY']) {
        if (variables[name] === undefined) delete process.env[name];
        else process.env[name] = variables[name];
      }
    });

    for (const [how, leave] of Object.entries(ways)) {
      it(`ends its run, if it was left ${how}`, async () => {
        const w = new adk.FunctionTool({
          ...{ name: 'w', description: 'Weather', parameters: z.object({ city: z.string() }) },
          execute: async () => ({ degrees: 3 }),
        });
        const agent = new adk.LlmAgent({ name: 'boss', model: 'gemini-x', instruction: 'Be brief.', tools: [w] });
        const run = () =>
          new adk.InMemoryRunner({ agent, appName: 'app' }).runEphemeral({
            userId: 'u-1',
            newMessage: { role: 'user', parts: [{ text: 'Hi' }] },
            runConfig: { streamingMode: adk.StreamingMode.SSE },
          });
        await leave(
          run(),
          ({ partial, content }: ADK.Event) => partial === true && content?.parts?.[0]?.text === 'cold ',
        );
        await expectEnded(`GoogleADK COMPLETED
  app CHAIN OK
    boss AGENT OK
      gemini-x LLM gemini-x 10+5 OK
      w TOOL OK
      gemini-x LLM gemini-x OK`);
      });
    }
  });

  describe('of Strands', () => {
    let strands: typeof Strands;
    let chat: typeof import('@strands-agents/sdk/models/openai');

    before(async () => {
      strands = await import('@strands-agents/sdk');
      chat = await import('@strands-agents/sdk/models/openai');
    });

    for (const [how, leave] of Object.entries(ways)) {
      it(`ends its run, if it was left ${how}`, async () => {
        const w = strands.tool({
          ...{ name: 'w', description: 'Weather', inputSchema: z.object({ city: z.string() }) },
          callback: async () => ({ degrees: 3 }),
        });
        const client = new OpenAI({ baseURL: models.url, apiKey: 'k' }) as never;
        const model = new chat.OpenAIModel({ api: 'chat', modelId: 'gpt-x', client });
        const agent = () =>
          new strands.Agent({ name: 'boss', model, tools: [w], printer: false, plugins: [pandaProbePlugin()] });
        await leave(agent().stream('Hi'), ({ event }: { event?: { delta?: { text?: string } } }) =>
          Boolean(event?.delta?.text),
        );
        await expectEnded(`boss COMPLETED
  boss AGENT OK
    gpt-x LLM gpt-x 10+5 OK
    w TOOL OK
    gpt-x LLM gpt-x OK`);
      });
    }
  });
});
