import { expect } from 'chai';
import { withSpan } from '../../lib/index.js';
import { LangGraphCallbackHandler } from '../../lib/integrations/langgraph.js';
import { rejection } from '../support/recorded.js';
import { until } from '../support/until.js';
import { callsFor, langChainScene, question } from './support/langchain-scene.js';

type Langgraph = typeof import('@langchain/langgraph');

describe('LangGraphCallbackHandler', () => {
  const scene = langChainScene();
  const { answer, tree } = scene;
  let lib: Langgraph;
  const callbacks = [new LangGraphCallbackHandler()];

  let langchain: typeof import('langchain');
  let tool: typeof import('@langchain/core/tools')['tool'];

  before(async () => {
    lib = await import('@langchain/langgraph');
    langchain = await import('langchain');
    ({ tool } = await import('@langchain/core/tools'));
  });

  const asks = async ({ messages }: { messages: Parameters<typeof scene.model.invoke>[0] }) => ({
    messages: [await scene.model.invoke(messages)],
  });

  it('records nodes, parallel branches and a subgraph, and hides the routing', async () => {
    answer([{ text: 'one' }, { text: 'two' }]);
    const { StateGraph, MessagesAnnotation, START } = lib;
    const inner = new StateGraph(MessagesAnnotation).addNode('inner', asks).addEdge(START, 'inner');
    const graph = new StateGraph(MessagesAnnotation)
      .addNode('a', asks)
      .addNode('b', inner.compile({ name: 'subgraph' }))
      .addNode('c', () => withSpan('mine', () => ({})))
      .addEdge(START, 'a')
      .addConditionalEdges('a', () => ['b', 'c'])
      .compile();
    await graph.invoke(question, { callbacks });
    expect(tree()).to.equal(`LangGraph COMPLETED
  LangGraph CHAIN OK
    a AGENT OK
      ChatOpenAI LLM gpt-x-2026 10+5 OK
    b AGENT OK
      subgraph CHAIN OK
        inner AGENT OK
          ChatOpenAI LLM gpt-x-2026 11+5 OK
    c AGENT OK
      mine OTHER OK`);
    expect(scene.tokens()).to.deep.equal(scene.models.counted);
  });

  it('records a workflow of the functional API once, with its tasks and what its function calls', async () => {
    answer([{ text: 'one' }, { text: 'two' }, { text: 'three' }]);
    const { entrypoint, task, MemorySaver, interrupt, Command } = lib;
    const ask = task('ask', async () => `${(await scene.model.invoke('why')).content}`);
    const options = { name: 'essay', checkpointer: new MemorySaver() };
    const essay = entrypoint(options, async (topic: string) => {
      if (topic === 'none') throw new RangeError('no topic');
      const first = await ask();
      await scene.model.invoke('better');
      return [first, interrupt('ok?')];
    });
    const config = (thread_id: string) => ({ callbacks, configurable: { thread_id } });
    await essay.invoke('sheep', config('t'));
    expect(await essay.invoke(new Command({ resume: 'yes' }), config('t'))).to.deep.equal(['one', 'yes']);
    await rejection(essay.invoke('none', config('u')));
    expect(tree()).to.equal(`essay COMPLETED
  essay CHAIN OK
    ask CHAIN OK
      ChatOpenAI LLM gpt-x-2026 10+5 OK
    ChatOpenAI LLM gpt-x-2026 11+5 OK
essay COMPLETED
  essay CHAIN OK
    ChatOpenAI LLM gpt-x-2026 12+5 OK
essay ERROR
  essay CHAIN ERROR`);
  });

  it('records an interrupted run and the one that resumes it as two traces of one session', async () => {
    const { StateGraph, Annotation, START, MemorySaver, interrupt, Command } = lib;
    const graph = new StateGraph(Annotation.Root({ answer: Annotation<string> }))
      .addNode('ask', () => ({ answer: interrupt({ question: 'ok?' }) as string }))
      .addEdge(START, 'ask')
      .compile({ checkpointer: new MemorySaver() });
    const config = { callbacks, configurable: { thread_id: 'thread-1' } };
    await graph.invoke({ answer: '' }, config);
    await graph.invoke(new Command({ resume: 'yes' }), config);
    const each = 'LangGraph COMPLETED\n  LangGraph CHAIN OK\n    ask AGENT OK';
    expect(tree()).to.equal(`${each}\n${each}`);
    const [first, second] = scene.recorded.traces;
    expect([first?.sessionId, second?.sessionId]).to.deep.equal(['thread-1', 'thread-1']);
    expect([first?.metadata.interrupted, second?.metadata.interrupted]).to.deep.equal([true, undefined]);
    expect(first?.spans[1]?.metadata.interrupted).to.equal(true);
    const { __interrupt__: asked } = (first?.spans[1]?.output ?? {}) as { __interrupt__?: { value: unknown }[] };
    expect(asked?.map(({ value }) => value)).to.deep.equal([{ question: 'ok?' }]);
    expect(second?.input).to.deep.include({ resume: 'yes' });
    expect(second?.output).to.deep.equal({ answer: 'yes' });
  });

  it('records a node that throws as ERROR up to the trace', async () => {
    const { StateGraph, MessagesAnnotation, START } = lib;
    const graph = new StateGraph(MessagesAnnotation)
      .addNode('a', () => Promise.reject(new TypeError('node broke')))
      .addEdge(START, 'a')
      .compile();
    expect((await rejection(graph.invoke(question, { callbacks }))).message).to.equal('node broke');
    expect(tree()).to.equal('LangGraph ERROR\n  LangGraph CHAIN ERROR\n    a AGENT ERROR');
    expect(scene.recorded.spans[1]?.error).to.equal('TypeError: node broke');
  });

  it('shows the routing on request, and does not mistake a command of a node for an error', async () => {
    const { StateGraph, MessagesAnnotation, START, Command } = lib;
    const graph = new StateGraph(MessagesAnnotation)
      .addNode('a', () => new Command({ goto: 'b' }), { ends: ['b'] })
      .addNode('b', () => ({}))
      .addEdge(START, 'a')
      .addConditionalEdges('b', () => '__end__')
      .compile();
    await graph.invoke(question, { callbacks: [new LangGraphCallbackHandler({ showInternals: true })] });
    expect(tree()).to.equal(`LangGraph COMPLETED
  LangGraph CHAIN OK
    a AGENT OK
    b AGENT OK
      RunnableLambda CHAIN OK`);
  });

  it('does not mistake a subgraph that hands over to its parent for an error', async () => {
    const { StateGraph, MessagesAnnotation, START, Command } = lib;
    const inner = new StateGraph(MessagesAnnotation)
      .addNode('inner', () => new Command({ goto: 'b', graph: Command.PARENT }))
      .addEdge(START, 'inner')
      .compile({ name: 'subgraph' });
    const graph = new StateGraph(MessagesAnnotation)
      .addNode('a', inner, { ends: ['b'] })
      .addNode('b', () => ({}))
      .addEdge(START, 'a')
      .compile();
    await graph.invoke(question, { callbacks });
    expect(tree()).to.equal(`LangGraph COMPLETED
  LangGraph CHAIN OK
    a AGENT OK
      subgraph CHAIN OK
        inner AGENT OK
    b AGENT OK`);
    expect(scene.recorded.trace.metadata).to.not.have.property('interrupted');
  });

  it('records an error with the name of an interrupt as an error', async () => {
    const { StateGraph, MessagesAnnotation, START } = lib;
    const graph = new StateGraph(MessagesAnnotation)
      .addNode('a', () => Promise.reject(Object.assign(new Error('mine'), { name: 'GraphInterrupt' })))
      .addEdge(START, 'a')
      .compile();
    await rejection(graph.invoke(question, { callbacks }));
    expect(tree()).to.equal('LangGraph ERROR\n  LangGraph CHAIN ERROR\n    a AGENT ERROR');
  });

  describe('where the framework aborts nodes', () => {
    /** A graph with two nodes that run at once; the second waits for its abort. */
    const parallel = (a: () => Promise<object>, more: object = {}) =>
      new lib.StateGraph(lib.MessagesAnnotation)
        .addNode('a', a, more)
        .addNode('b', (_, { signal }) => aborted(signal))
        .addEdge(lib.START, 'a')
        .addEdge(lib.START, 'b')
        .compile();
    const aborted = (signal?: AbortSignal) =>
      new Promise<object>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    const end = async (running: Promise<unknown>) => {
      const error = await rejection(running);
      await until(() => scene.recorded.traces.length === 1);
      return error;
    };

    it('fails with the node that failed beside them', async () => {
      const broke = () => Promise.reject(new TypeError('node broke'));
      expect((await end(parallel(broke).invoke(question, { callbacks }))).message).to.equal('node broke');
      expect(tree()).to.equal(`LangGraph ERROR
  LangGraph CHAIN ERROR
    a AGENT ERROR
    b AGENT OK`);
      const [graph, , b] = scene.recorded.spans;
      expect([graph?.error, b?.metadata.aborted]).to.deep.equal(['TypeError: node broke', true]);
    });

    it('is left early in the same way after a node has failed and was tried again', async () => {
      let tries = 0;
      const second = async () => {
        tries += 1;
        if (tries === 1) throw new TypeError('once');
        return { messages: [{ role: 'assistant', content: 'x' }] };
      };
      const graph = parallel(second, { retryPolicy: { maxAttempts: 2, initialInterval: 1 } });
      for await (const _ of await graph.stream(question, { callbacks, streamMode: 'updates' })) break;
      await until(() => scene.recorded.traces.length === 1);
      expect(tree()).to.match(/^LangGraph COMPLETED\n {2}LangGraph CHAIN OK\n/);
    });

    const limits: readonly [string, () => object, number?][] = [
      ['a signal', () => ({ signal: AbortSignal.timeout(50) })],
      ['the option `timeout`', () => ({ timeout: 50 })],
      ['the limit for a step', () => ({}), 50],
    ];
    for (const [what, config, stepTimeout] of limits) {
      it(`fails when it takes too long, by ${what}`, async () => {
        answer([{ hang: true }]);
        const graph = new lib.StateGraph(lib.MessagesAnnotation).addNode('a', asks).addEdge(lib.START, 'a').compile();
        if (stepTimeout !== undefined) graph.stepTimeout = stepTimeout;
        await end(graph.invoke(question, { callbacks, ...config() }));
        expect(tree()).to.match(/^LangGraph ERROR\n {2}LangGraph CHAIN ERROR\n {4}a AGENT ERROR/);
        expect(scene.recorded.spans[0]?.error).to.match(/^TimeoutError: /);
      });
    }
  });

  describe('called with the configuration of the run around it', () => {
    const boss = (tools: readonly unknown[] = []) =>
      langchain.createAgent({ name: 'boss', model: scene.model, tools: tools as [] });

    it('is an agent in a node of a graph', async () => {
      answer([{ text: 'Cold.' }]);
      const { StateGraph, MessagesAnnotation, START } = lib;
      const graph = new StateGraph(MessagesAnnotation)
        .addNode('a', async (_, config) => {
          await boss().invoke(question, config as object);
          return {};
        })
        .addEdge(START, 'a')
        .compile();
      await graph.invoke(question, { callbacks });
      expect(tree()).to.equal(`LangGraph COMPLETED
  LangGraph CHAIN OK
    a AGENT OK
      boss AGENT OK
        ChatOpenAI LLM gpt-x-2026 10+5 OK`);
    });

    it('shows its nodes in a tool of an agent', async () => {
      answer([callsFor('A'), { text: 'Cold.' }]);
      const { StateGraph, MessagesAnnotation, START } = lib;
      const inner = new StateGraph(MessagesAnnotation)
        .addNode('look', async () => ({}))
        .addEdge(START, 'look')
        .compile();
      const w = tool(async (_, config) => `${Object.keys(await inner.invoke(question, config as object))}`, {
        ...{ name: 'w', description: 'the weather', schema: { type: 'object', properties: {} } },
      });
      await boss([w]).invoke(question, { callbacks });
      expect(tree()).to.equal(`boss COMPLETED
  boss AGENT OK
    ChatOpenAI LLM gpt-x-2026 10+5 OK
    w TOOL OK
      LangGraph AGENT OK
        look AGENT OK
    ChatOpenAI LLM gpt-x-2026 11+5 OK`);
    });
  });
});
