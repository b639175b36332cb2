import { rejection } from '../../support/recorded.js';
import type { ModelScript } from './fake-models.js';
import { read, type Scene, two, type Version } from './vercel-ai.js';

/** A program of the SDK's user, and the tree that is recorded of it. */
export interface Program {
  readonly title: string;
  /** @defaultValue all */
  readonly versions?: readonly Version[];
  readonly script: ModelScript;
  readonly tree: string | ((version: Version) => string);
  /** The model's first content has a time on every LLM span. */
  readonly isStreamed?: boolean;
  run(scene: Scene): Promise<unknown>;
}

const prompt = 'How warm is it?';
const model = ({ openai }: Scene) => openai.chat('gpt-x');
const steps = ({ ai }: Scene) => ({ stopWhen: ai.stepCountIs(5) });
const quiet = { onError() {} };

const twoTools = (root: string) => `${root} COMPLETED
  ${root} AGENT OK
    gpt-x LLM gpt-x-2026 10+5 OK
    w TOOL OK
    w TOOL OK
    gpt-x LLM gpt-x-2026 11+5 OK`;

const failed = (root: string) => `${root} ERROR
  ${root} CHAIN ERROR
    gpt-x LLM gpt-x ERROR`;

const oneCall = (root: string, tokens = '10+5') => `${root} COMPLETED
  ${root} CHAIN OK
    gpt-x LLM gpt-x-2026 ${tokens} OK`;

/** Calls of a tool that there is not, and with bad arguments. */
const badCalls: ModelScript = [
  {
    tools: [
      { id: 'a', name: 'nope', args: {} },
      { id: 'b', name: 'w', args: { town: 1 } },
    ],
  },
  { text: 'Sorry' },
];

const refused = (root: string) => `${root} COMPLETED
  ${root} AGENT OK
    gpt-x LLM gpt-x-2026 10+5 OK
    nope TOOL ERROR
    w TOOL ERROR
    gpt-x LLM gpt-x-2026 11+5 OK`;

export const programs: readonly Program[] = [
  {
    title: 'P1 two tools at once, then a text',
    script: [{ tools: two }, { text: 'Warm' }],
    tree: twoTools('weather'),
    run: (scene) =>
      scene.ai.generateText({
        model: model(scene),
        prompt,
        tools: scene.tools(),
        ...steps(scene),
        ...scene.traced('weather'),
      }),
  },
  {
    title: 'P2 the same streamed',
    script: [{ tools: two }, { text: 'Warm' }],
    tree: twoTools('ai.streamText'),
    isStreamed: true,
    run: (scene) =>
      read(
        scene.ai.streamText({
          model: model(scene),
          prompt,
          tools: scene.tools(),
          ...steps(scene),
          ...scene.traced(),
        }).textStream,
      ),
  },
  {
    title: 'P2 the same over the Responses API, with reasoning',
    script: [{ tools: two, reasoning: 'Hm' }, { text: 'Warm' }],
    tree: twoTools('ai.streamText'),
    isStreamed: true,
    run: (scene) =>
      read(
        scene.ai.streamText({
          model: scene.openai('gpt-x'),
          prompt,
          tools: scene.tools(),
          ...steps(scene),
          ...scene.traced(),
        }).textStream,
      ),
  },
  {
    title: 'P3 an agent that another uses as a tool',
    script: (_, n) => (n === 0 ? { tools: [{ id: 's', name: 'ask', args: {} }] } : { text: 'done' }),
    tree: `boss COMPLETED
  boss AGENT OK
    gpt-x LLM gpt-x-2026 10+5 OK
    ask TOOL OK
      helper CHAIN OK
        gpt-x LLM gpt-x-2026 11+5 OK
    gpt-x LLM gpt-x-2026 12+5 OK`,
    run(scene) {
      const { ai, z } = scene;
      const Agent = ai.ToolLoopAgent ?? Reflect.get(ai, 'Experimental_Agent');
      const helper = new Agent({ model: model(scene), ...scene.traced('helper') });
      const ask = ai.tool({
        inputSchema: z.object({}),
        execute: async () => (await helper.generate({ prompt: 'Help' })).text,
      });
      const boss = new Agent({ model: model(scene), tools: { ask }, ...steps(scene), ...scene.traced('boss') });
      return boss.generate({ prompt });
    },
  },
  {
    title: 'P4 a tool that throws, and the model goes on',
    script: [{ tools: two }, { text: 'Sorry' }],
    tree: `ai.generateText COMPLETED
  ai.generateText AGENT OK
    gpt-x LLM gpt-x-2026 10+5 OK
    w TOOL ERROR
    w TOOL OK
    gpt-x LLM gpt-x-2026 11+5 OK`,
    async run(scene) {
      const tools = scene.tools(async ({ city }) => {
        if (city === 'Rome') throw new Error('tool broke');
        return 'cold';
      });
      await scene.ai.generateText({ model: model(scene), prompt, tools, ...steps(scene), ...scene.traced() });
    },
  },
  {
    title: 'P5 a model that answers 400',
    script: [{ status: 400 }],
    tree: failed('ai.generateText'),
    run: (scene) => rejection(scene.ai.generateText({ model: model(scene), prompt, ...scene.traced() })),
  },
  {
    title: 'P5 the same streamed',
    script: [{ status: 400 }],
    tree: failed('ai.streamText'),
    run: (scene) => read(scene.ai.streamText({ model: model(scene), prompt, ...quiet, ...scene.traced() }).textStream),
  },
  {
    title: 'a stream whose connection is cut',
    script: [{ text: 'Hello', cut: true }],
    tree: (version) => `ai.streamText ERROR
  ai.streamText CHAIN ERROR
    gpt-x LLM ${version === 7 ? 'gpt-x-2026' : 'gpt-x'} ERROR`,
    isStreamed: true,
    run: (scene) =>
      rejection(read(scene.ai.streamText({ model: model(scene), prompt, ...quiet, ...scene.traced() }).textStream)),
  },
  {
    title: 'a stream that is aborted',
    script: [{ text: 'Hello', hang: true }],
    tree: (version) => `ai.streamText COMPLETED
  ai.streamText CHAIN OK
    gpt-x LLM ${version === 7 ? 'gpt-x-2026' : 'gpt-x'} OK`,
    isStreamed: true,
    async run(scene) {
      const abort = new AbortController();
      const { textStream } = scene.ai.streamText({
        model: model(scene),
        prompt,
        abortSignal: abort.signal,
        ...scene.traced(),
      });
      let text = '';
      for await (const piece of textStream) {
        text += piece;
        if (text === 'Hello') abort.abort();
      }
    },
  },
  {
    title: 'a call that is aborted',
    script: [{ hang: true }],
    tree: `ai.generateText COMPLETED
  ai.generateText CHAIN OK
    gpt-x LLM gpt-x OK`,
    run(scene) {
      const abort = new AbortController();
      scene.answer(() => {
        abort.abort();
        return { hang: true };
      });
      const options = { model: model(scene), prompt, abortSignal: abort.signal, ...scene.traced() };
      return rejection(scene.ai.generateText(options));
    },
  },
  {
    title: 'a model that is busy at first: one span for both attempts',
    script: (_, n) => (n === 0 ? { status: 429 } : { text: 'Warm' }),
    tree: oneCall('ai.generateText', '11+5'),
    run: (scene) => scene.ai.generateText({ model: model(scene), prompt, ...scene.traced() }),
  },
  {
    title: 'generateObject',
    script: [{ text: '{"warm":true}' }],
    tree: oneCall('ai.generateObject'),
    run: (scene) =>
      scene.ai.generateObject({
        model: model(scene),
        prompt,
        schema: scene.z.object({ warm: scene.z.boolean() }),
        ...scene.traced(),
      }),
  },
  {
    title: 'streamObject',
    script: [{ text: '{"warm":true}' }],
    tree: oneCall('ai.streamObject'),
    isStreamed: true,
    async run(scene) {
      const { partialObjectStream } = scene.ai.streamObject({
        model: model(scene),
        prompt,
        schema: scene.z.object({ warm: scene.z.boolean() }),
        ...scene.traced(),
      });
      for await (const _ of partialObjectStream);
    },
  },
  {
    title: 'embed',
    script: [{}],
    tree: (version) => `ai.embed COMPLETED\n  ai.embed EMBEDDING ${version === 7 ? 'e-x-2026' : 'e-x'} 3+0 OK`,
    run: (scene) => scene.ai.embed({ model: scene.openai.embedding('e-x'), value: 'rain', ...scene.traced() }),
  },
  {
    title: 'embedMany, which asks more than once',
    script: [{}],
    tree: (version) => `ai.embedMany COMPLETED\n  ai.embedMany EMBEDDING ${version === 7 ? 'e-x-2026' : 'e-x'} 6+0 OK`,
    run(scene) {
      const e = scene.openai.embedding('e-x');
      const small = new Proxy(e, { get: (of, key) => (key === 'maxEmbeddingsPerCall' ? 1 : Reflect.get(of, key, of)) });
      return scene.ai.embedMany({ model: small, values: ['rain', 'sun'], ...scene.traced() });
    },
  },
  {
    title: 'an embedding that fails',
    script: [{ status: 400 }],
    tree: 'ai.embed ERROR\n  ai.embed EMBEDDING e-x ERROR',
    run: (scene) =>
      rejection(scene.ai.embed({ model: scene.openai.embedding('e-x'), value: 'rain', ...scene.traced() })),
  },
  {
    title: 'rerank',
    versions: [7, 6],
    script: [],
    tree: 'ai.rerank COMPLETED\n  ai.rerank RETRIEVER OK',
    run(scene) {
      const reranker = {
        specificationVersion: scene.version === 7 ? 'v4' : 'v3',
        provider: 'shop',
        modelId: 'r-x',
        doRerank: async () => ({ ranking: [{ index: 1, relevanceScore: 0.9 }] }),
      };
      const documents = ['sun', 'rain'];
      return scene.ai.rerank({ model: reranker as never, documents, query: 'umbrella', ...scene.traced() });
    },
  },
  {
    title: 'tool calls that cannot be run: of a tool that there is not, and with bad arguments',
    versions: [7],
    script: badCalls,
    tree: refused('ai.generateText'),
    run: (scene) =>
      scene.ai.generateText({
        model: model(scene),
        prompt,
        tools: scene.tools(),
        ...steps(scene),
        ...scene.traced(),
      }),
  },
  {
    title: 'the same streamed: a tool that there is not, and bad arguments',
    versions: [7],
    isStreamed: true,
    script: badCalls,
    tree: refused('ai.streamText'),
    run: (scene) =>
      read(
        scene.ai.streamText({
          model: model(scene),
          prompt,
          tools: scene.tools(),
          ...steps(scene),
          ...scene.traced(),
        }).textStream,
      ),
  },
];
