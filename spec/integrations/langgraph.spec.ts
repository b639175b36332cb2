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

  it('records nodes, parallel branches and a subgraph, and folds the routing', async () => {
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

  it('shows the routing on request, and takes a command of a node for no error', async () => {
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

  it('takes a subgraph that hands over to its parent for no error', async () => {
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

  it('takes an error that is merely called like an interrupt for an error', async () => {
    const { StateGraph, MessagesAnnotation, START } = lib;
    const graph = new StateGraph(MessagesAnnotation)
      .addNode('a', () => Promise.reject(Object.assign(new Error('mine'), { name: 'GraphInterrupt' })))
      .addEdge(START, 'a')
      .compile();
    await rejection(graph.invoke(question, { callbacks }));
    expect(tree()).to.equal('LangGraph ERROR\n  LangGraph CHAIN ERROR\n    a AGENT ERROR');
  });
});
