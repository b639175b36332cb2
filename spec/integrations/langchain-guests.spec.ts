import { createRequire } from 'node:module';
import { expect } from 'chai';
import { recorderOf } from '../../lib/client/recording/client-parts.js';
import { emptyFrame } from '../../lib/engine/frame.js';
import { getClient, init, shutdown, withTrace } from '../../lib/index.js';
import {
  instrumentLangChain,
  LangChainCallbackHandler,
  uninstrumentLangChain,
} from '../../lib/integrations/langchain.js';
import { LangGraphCallbackHandler } from '../../lib/integrations/langgraph.js';
import { rejection } from '../support/recorded.js';
import { until } from '../support/until.js';
import { callsFor, langChainScene, question } from './support/langchain-scene.js';

const bare = 'ChatOpenAI COMPLETED\n  ChatOpenAI LLM gpt-x-2026 10+5 OK';

/** The parts of one copy of the core that specs use. */
interface Core {
  readonly manager: typeof import('@langchain/core/callbacks/manager');
  readonly testing: { FakeListChatModel: new (given: { responses: string[] }) => Runnable };
  readonly runnables: { RunnableLambda: { from(fn: (value: unknown) => unknown): Runnable } };
}
interface Runnable {
  invoke(input: unknown, config?: object): Promise<unknown>;
  pipe(next: unknown): Runnable;
}

const require = createRequire(import.meta.url);
const paths = { manager: 'callbacks/manager', testing: 'utils/testing', runnables: 'runnables' };
const all = async (load: (path: string) => unknown) => {
  const loaded = await Promise.all(Object.entries(paths).map(async ([name, path]) => [name, await load(path)]));
  return Object.fromEntries(loaded) as Core;
};
const copies: Record<string, () => Promise<Core>> = {
  '1.x, ESM': () => all((path) => import(`@langchain/core/${path}`)),
  '1.x, CommonJS': () => all((path) => require(`@langchain/core/${path}`)),
  '0.3, ESM': () => all((path) => import(`langchain-core-0/${path}`)),
  '0.3, CommonJS': () => all((path) => require(`langchain-core-0/${path}`)),
};

describe('LangChain integrations as guests', () => {
  const scene = langChainScene();
  const { answer, tree } = scene;
  let createAgent: typeof import('langchain')['createAgent'];
  let manager: Core['manager'];

  before(async () => {
    ({ createAgent } = await import('langchain'));
    manager = await import('@langchain/core/callbacks/manager');
  });
  afterEach(() => {
    uninstrumentLangChain(manager);
  });
  const boss = () => createAgent({ model: scene.model, tools: [scene.w], name: 'boss' });
  const p1 = `boss COMPLETED
  boss AGENT OK
    ChatOpenAI LLM gpt-x-2026 10+5 OK
    w TOOL OK
    ChatOpenAI LLM gpt-x-2026 11+5 OK`;

  it('record every run once while instrumented, also if instrumented twice, and none afterwards', async () => {
    const before = Reflect.get(manager.CallbackManager, '_configureSync');
    expect([instrumentLangChain(manager), instrumentLangChain(manager)]).to.deep.equal([true, false]);
    answer([callsFor('Lisbon'), { text: 'Warm.' }]);
    await boss().invoke(question);
    expect(tree()).to.equal(p1);
    expect([uninstrumentLangChain(manager), uninstrumentLangChain(manager)]).to.deep.equal([true, false]);
    expect(Reflect.get(manager.CallbackManager, '_configureSync')).to.equal(before);
    await boss().invoke(question);
    expect(scene.recorded.traces).to.have.lengthOf(1);
  });

  it('record a run once that has handlers of its own, of several kinds', async () => {
    instrumentLangChain(manager);
    answer([callsFor('Lisbon'), { text: 'Warm.' }]);
    const handlers = [new LangChainCallbackHandler(), new LangGraphCallbackHandler()];
    await boss().invoke(question, { callbacks: handlers });
    expect(tree()).to.equal(p1);
  });

  it('record the output so far of a stream that is left early once, with several handlers', async () => {
    answer([{ text: '', chunks: Array.from({ length: 400 }, (_, at) => `${at} `) }]);
    const handlers = [new LangChainCallbackHandler(), new LangGraphCallbackHandler()];
    const stream = await boss().stream(question, { callbacks: handlers, streamMode: 'messages' });
    let read = 0;
    for await (const _ of stream) if (++read > 5) break;
    await until(() => scene.recorded.traces.length === 1);
    const { output } = scene.recorded.spans[1] as { output?: { messages?: { content?: string }[] } };
    expect(output?.messages?.[0]?.content).to.match(/^0 1 2 3 /);
  });

  it('P37 record a run once whose model has a handler, too', async () => {
    instrumentLangChain(manager);
    answer([{ text: 'Warm.' }]);
    const model = scene.make({ callbacks: [new LangChainCallbackHandler()] });
    await createAgent({ model, tools: [], name: 'boss' }).invoke(question, {
      callbacks: [new LangGraphCallbackHandler()],
    });
    expect(tree()).to.equal('boss COMPLETED\n  boss AGENT OK\n    ChatOpenAI LLM gpt-x-2026 10+5 OK');
  });

  it('name a graph by its own name when instrumented', async () => {
    const { StateGraph, MessagesAnnotation, START } = await import('@langchain/langgraph');
    instrumentLangChain(manager);
    await new StateGraph(MessagesAnnotation)
      .addNode('a', () => ({}))
      .addEdge(START, 'a')
      .compile()
      .invoke(question);
    expect(tree()).to.equal('LangGraph COMPLETED\n  LangGraph CHAIN OK\n    a AGENT OK');
  });

  it('refuse another module and invalid options', () => {
    expect(() => instrumentLangChain({} as never)).to.throw(/CallbackManager/);
    expect(() => new LangChainCallbackHandler(null as never)).to.throw(/options/);
    expect(() => new LangGraphCallbackHandler({ client: 1 as never })).to.throw(/Client/);
  });

  it('P38 print one warning with an unknown version, and say that nothing is recorded', () => {
    const lines = warnings(() => {
      expect(instrumentLangChain({ CallbackManager: class {} })).to.equal(false);
      expect(instrumentLangChain({ CallbackManager: class {} })).to.equal(false);
    });
    expect(lines).to.have.lengthOf(1);
  });

  it('P38 make no difference while the SDK is disabled', async () => {
    await shutdown();
    init({ enabled: false });
    instrumentLangChain(manager);
    answer([callsFor('Lisbon'), { text: 'Warm.' }]);
    const { messages } = await boss().invoke(question, { callbacks: [new LangChainCallbackHandler()] });
    expect(messages.at(-1)?.content).to.equal('Warm.');
  });

  it('P38 print few warnings when they fail inside, and the run goes on', async () => {
    const broken = () => {
      throw new Error('S3CRET');
    };
    Object.assign(recorderOf(getClient(), emptyFrame) ?? {}, { clock: { now: broken, anchorAt: broken } });
    answer([callsFor('Lisbon'), { text: 'Warm.' }]);
    const lines = await warningsOf(async () => {
      for (let i = 0; i < 3; i += 1) {
        answer([callsFor('Lisbon'), { text: 'Warm.' }]);
        const { messages } = await boss().invoke(question, { callbacks: [new LangChainCallbackHandler()] });
        expect(messages.at(-1)?.content).to.equal('Warm.');
      }
    });
    expect(lines.length).to.be.within(1, 3); // chain, model and tool: each cause is told once a minute
    expect(lines.join()).to.not.include('S3CRET');
  });

  it('send no credentials', async () => {
    answer([{ status: 401, message: 'Incorrect API key provided: sk-S3CRET0123456789' }]);
    const model = scene.make({ modelKwargs: { user: 'S3CRET', metadata: { key: 'S3CRET' } } });
    await rejection(
      createAgent({ model, tools: [], name: 'boss' }).invoke(question, {
        callbacks: [new LangChainCallbackHandler()],
        metadata: { api_key: 'S3CRET' },
        configurable: { openai_api_key: 'S3CRET' },
      }),
    );
    const { RunnableLambda } = await import('@langchain/core/runnables');
    await RunnableLambda.from(() => ({ model })).invoke(
      { model, headers: 1 },
      {
        callbacks: [new LangChainCallbackHandler()],
      },
    );
    expect(scene.recorded.traces).to.have.lengthOf(2);
    expect(scene.recorded.text).to.not.include('S3CRET');
  });

  it('record neither inputs nor outputs where they are told so', async () => {
    answer([callsFor('z4711'), { text: 'z4711' }]);
    const handler = new LangChainCallbackHandler({ captureInput: false, captureOutput: false });
    await boss().invoke({ messages: [{ role: 'user', content: 'z4711' }] }, { callbacks: [handler] });
    expect(tree()).to.equal(p1);
    expect(scene.recorded.text.replace(/"tool_call_id":"call-z4711"/g, '')).to.not.include('z4711');
  });

  for (const [copy, load] of Object.entries(copies)) {
    it(`work with @langchain/core ${copy}`, async () => {
      const core = await load();
      const model = new core.testing.FakeListChatModel({ responses: ['Hi'] });
      const chain = core.runnables.RunnableLambda.from((text) => text).pipe(model);
      const each = `LangChain COMPLETED
  LangChain CHAIN OK
    RunnableLambda CHAIN OK
    FakeListChatModel LLM OK`;
      await chain.invoke('Hello', { callbacks: [new LangChainCallbackHandler()] });
      expect(instrumentLangChain(core.manager)).to.equal(true);
      try {
        await chain.invoke('Hello');
        await withTrace('mine', () => model.invoke('Hello'));
      } finally {
        uninstrumentLangChain(core.manager);
      }
      expect(tree()).to.equal(`${each}\n${each}\nmine COMPLETED\n  FakeListChatModel LLM OK`);
      expect(scene.recorded.spans[2]).to.deep.include({
        input: { messages: [{ role: 'user', content: 'Hello' }] },
        output: { messages: [{ role: 'assistant', content: 'Hi' }] },
      });
    });
  }

  it('record a bare model outside of any trace', async () => {
    instrumentLangChain(manager);
    answer([{ text: 'Hi' }]);
    await scene.model.invoke('Hello');
    expect(tree()).to.equal(bare);
  });
});

function warnings(run: () => void): string[] {
  const lines: string[] = [];
  const { write } = process.stderr;
  process.stderr.write = ((line: string) => lines.push(line) > 0) as typeof write;
  try {
    run();
  } finally {
    process.stderr.write = write;
  }
  return lines.filter((line) => line.startsWith('[pandaprobe]'));
}

async function warningsOf(run: () => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  const { write } = process.stderr;
  process.stderr.write = ((line: string) => lines.push(line) > 0) as typeof write;
  try {
    await run();
  } finally {
    process.stderr.write = write;
  }
  return lines.filter((line) => line.startsWith('[pandaprobe]'));
}
