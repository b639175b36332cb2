import { expect } from 'chai';
import { currentFrame } from '../../lib/engine/scope.js';
import { withSpan, withTrace } from '../../lib/index.js';
import { LangChainCallbackHandler } from '../../lib/integrations/langchain.js';
import { drain, rejection } from '../support/recorded.js';
import { callsFor, endless, langChainScene, question } from './support/langchain-scene.js';

const p1 = `boss COMPLETED
  boss AGENT OK
    ChatOpenAI LLM gpt-x-2026 10+5 OK
    w TOOL OK
    w TOOL OK
    ChatOpenAI LLM gpt-x-2026 11+5 OK`;

describe('LangChainCallbackHandler', () => {
  const scene = langChainScene();
  const { answer, tree } = scene;
  let createAgent: typeof import('langchain')['createAgent'];
  let core: typeof import('@langchain/core/runnables') & typeof import('@langchain/core/prompts');
  const callbacks = [new LangChainCallbackHandler()];
  const boss = () => createAgent({ model: scene.model, tools: [scene.w], name: 'boss' });

  before(async () => {
    ({ createAgent } = await import('langchain'));
    core = { ...(await import('@langchain/core/runnables')), ...(await import('@langchain/core/prompts')) };
  });
  afterEach(() => {
    expect(currentFrame().trace, 'what is current after a run').to.equal(undefined);
  });

  it('records parallel tools, with messages, tool calls, parameters and tokens once', async () => {
    answer([callsFor('Lisbon', 'Porto'), { text: 'Warm.' }]);
    await boss().invoke(question, { callbacks });
    expect(tree()).to.equal(p1);
    expect(scene.tokens()).to.deep.equal(scene.models.counted);
    const [agent, asked, tool, , said] = scene.recorded.spans;
    expect(scene.recorded.trace).to.deep.include({
      input: { messages: [{ role: 'user', content: 'How warm is it?' }] },
      output: { messages: [{ role: 'assistant', content: 'Warm.', name: 'boss' }] },
    });
    expect(agent?.input).to.deep.equal(question);
    const calls = ['Lisbon', 'Porto'].map((city) => ({
      id: `call-${city}`,
      type: 'function',
      function: { name: 'w', arguments: JSON.stringify({ city }) },
    }));
    expect(asked?.output).to.deep.equal({ messages: [{ role: 'assistant', content: null, tool_calls: calls }] });
    expect(asked?.metadata).to.deep.include({ tools: ['w'], finish_reason: 'tool_calls' });
    expect(tool).to.deep.include({ input: { city: 'Lisbon' }, output: 'Lisbon: 21 °C' });
    expect(tool?.metadata).to.deep.equal({ tool_call_id: 'call-Lisbon' });
    expect(Reflect.get(Object(said?.input), 'messages').slice(1)).to.deep.equal([
      { role: 'assistant', content: '', tool_calls: calls, name: 'boss' },
      { role: 'tool', tool_call_id: 'call-Lisbon', name: 'w', content: 'Lisbon: 21 °C' },
      { role: 'tool', tool_call_id: 'call-Porto', name: 'w', content: 'Porto: 21 °C' },
    ]);
  });

  it('records a streamed run alike, with the time to the first token', async () => {
    answer([callsFor('Lisbon', 'Porto'), { text: 'Warm.' }]);
    await drain(await boss().stream(question, { callbacks, streamMode: 'messages' }));
    expect(tree()).to.equal(p1);
    expect(scene.tokens()).to.deep.equal(scene.models.counted);
    const firsts = scene.recorded.spans.map(({ kind, completionStartTime }) => [
      kind,
      completionStartTime !== undefined,
    ]);
    expect(firsts.filter(([, isSet]) => isSet)).to.deep.equal([
      ['LLM', true],
      ['LLM', true],
    ]);
  });

  it('shows the nodes of an agent on request, and never what the framework hides', async () => {
    answer([{ text: 'Warm.' }]);
    await boss().invoke(question, { callbacks: [new LangChainCallbackHandler({ showInternals: true })] });
    expect(tree()).to.equal(`boss COMPLETED
  boss AGENT OK
    model_request CHAIN OK
      ChatOpenAI LLM gpt-x-2026 10+5 OK
      RunnableLambda CHAIN OK`);
  });

  it('records a sub-agent below the tool that runs it', async () => {
    answer([callsFor('Lisbon'), { text: 'found' }, { text: 'Warm.' }]);
    const helper = createAgent({ model: scene.model, tools: [], name: 'helper' });
    scene.tool(() => helper.invoke(question));
    await boss().invoke(question, { callbacks });
    expect(tree()).to.equal(`boss COMPLETED
  boss AGENT OK
    ChatOpenAI LLM gpt-x-2026 10+5 OK
    w TOOL OK
      helper AGENT OK
        ChatOpenAI LLM gpt-x-2026 11+5 OK
    ChatOpenAI LLM gpt-x-2026 12+5 OK`);
  });

  it('does not give an agent without a name that of the agent around it', async () => {
    answer([callsFor('Lisbon'), { text: 'found' }, { text: 'Warm.' }]);
    const { tool } = await import('@langchain/core/tools');
    const helper = createAgent({ model: scene.model, tools: [] });
    const asks = tool(async (_, config) => JSON.stringify(await helper.invoke(question, config)), {
      name: 'w',
      description: 'asks another agent',
      schema: { type: 'object', properties: {} },
    });
    await createAgent({ model: scene.model, tools: [asks], name: 'boss' }).invoke(question, { callbacks });
    expect(scene.recorded.spans.map(({ name }) => name)).to.deep.equal([
      'boss',
      'ChatOpenAI',
      'w',
      'LangGraph',
      'ChatOpenAI',
      'ChatOpenAI',
    ]);
  });

  it('records a tool that throws as ERROR, and the run goes on', async () => {
    answer([callsFor('Lisbon'), { text: 'Sorry.' }]);
    scene.tool(() => Promise.reject(new RangeError('tool broke')));
    await boss().invoke(question, { callbacks });
    expect(tree()).to.equal(`boss COMPLETED
  boss AGENT OK
    ChatOpenAI LLM gpt-x-2026 10+5 OK
    w TOOL ERROR
    ChatOpenAI LLM gpt-x-2026 11+5 OK`);
    expect(scene.recorded.spans[2]?.error).to.equal('RangeError: tool broke');
  });

  it("records a model's refusal as ERROR up to the trace, and lets the error be", async () => {
    answer([{ status: 400, message: 'nope' }]);
    const error = await rejection(boss().invoke(question, { callbacks }));
    expect(error.message).to.equal('400 nope');
    expect(tree()).to.equal('boss ERROR\n  boss AGENT ERROR\n    ChatOpenAI LLM gpt-x ERROR');
    const [, llm] = scene.recorded.spans;
    expect(llm?.error).to.equal('BadRequestError: 400 nope');
    expect(llm?.metadata.error).to.deep.include({ status: 400 });
  });

  it('records a run that is left early as OK and aborted, with its output so far', async () => {
    answer([endless]);
    for await (const _ of await boss().stream(question, { callbacks, streamMode: 'messages' })) break;
    await scene.models.calls[0]?.closed;
    await until(() => scene.recorded.traces.length > 0);
    expect(tree()).to.equal('boss COMPLETED\n  boss AGENT OK\n    ChatOpenAI LLM gpt-x OK');
    const [agent, llm] = scene.recorded.spans;
    expect([agent?.metadata.aborted, llm?.metadata.aborted]).to.deep.equal([true, true]);
    expect(JSON.stringify(llm?.output)).to.match(/"content":"(ab)+"/);
  });

  it('records the aborted stream of a model, alone and in a chain, as OK and aborted, with its output so far', async () => {
    const { RunnableLambda } = await import('@langchain/core/runnables');
    const { model } = scene;
    const shared = new AbortController(); // for a call that is over already, too
    answer([{ text: 'Cold.' }]);
    await model.invoke(question.messages, { callbacks, signal: shared.signal });
    for (const run of [model, RunnableLambda.from(async (asked: typeof question.messages) => asked).pipe(model)]) {
      const controller = run === model ? shared : new AbortController();
      answer([endless]);
      const reading = (async () => {
        let read = 0;
        for await (const _ of await run.stream(question.messages, { callbacks, signal: controller.signal })) {
          read += 1;
          if (read > 5) controller.abort();
        }
      })();
      expect((await rejection(reading)).name).to.equal('AbortError');
      const known = run === model ? 2 : 3;
      await until(() => scene.recorded.traces.length === known);
    }
    for (const { status, spans } of scene.recorded.traces.slice(1)) {
      const llm = spans.find(({ kind }) => kind === 'LLM');
      expect([status, llm?.status, llm?.metadata.aborted]).to.deep.equal(['COMPLETED', 'OK', true]);
      expect(JSON.stringify(llm?.output)).to.match(/"content":"(ab)+"/);
    }
  });

  it('records the stream of a model that runs out of time as ERROR, with its output so far', async () => {
    answer([endless]);
    const signal = AbortSignal.timeout(50);
    const reading = (async () => {
      for await (const _ of await scene.model.stream(question.messages, { callbacks, signal }))
        await new Promise((resolve) => setTimeout(resolve, 10));
    })();
    await rejection(reading);
    await until(() => scene.recorded.traces.length === 1);
    expect(scene.recorded.trace.status).to.equal('ERROR');
    expect(scene.recorded.span.error).to.match(/^TimeoutError/);
  });

  it('records an aborted run as OK and aborted', async () => {
    const controller = new AbortController();
    answer(() => {
      controller.abort();
      return { hang: true };
    });
    await rejection(boss().invoke(question, { callbacks, signal: controller.signal }));
    expect(tree()).to.equal('boss COMPLETED\n  boss AGENT OK\n    ChatOpenAI LLM gpt-x OK');
    expect(scene.recorded.spans.map(({ metadata }) => metadata.aborted)).to.deep.equal([true, true]);
  });

  it("is part of the user's trace, and the user's spans and clients are below its tools", async () => {
    answer([callsFor('Lisbon', 'Porto'), { text: 'Warm.' }]);
    scene.tool((city) => withSpan(`lookup ${city}`, () => scene.ask()));
    await withTrace('mine', async () => {
      await withSpan('before', () => {});
      await boss().invoke(question, { callbacks });
      await withSpan('afterwards', () => {});
    });
    expect(tree().replace(/1\d\+5/g, 'n+5')).to.equal(`mine COMPLETED
  before OTHER OK
  boss AGENT OK
    ChatOpenAI LLM gpt-x-2026 n+5 OK
    w TOOL OK
      lookup Lisbon OTHER OK
        openai-chat LLM gpt-x-2026 n+5 OK
    w TOOL OK
      lookup Porto OTHER OK
        openai-chat LLM gpt-x-2026 n+5 OK
    ChatOpenAI LLM gpt-x-2026 n+5 OK
  afterwards OTHER OK`);
  });

  it('keeps concurrent runs of one handler apart', async () => {
    answer(({ messages = [] }) => (messages.at(-1)?.role === 'tool' ? { text: 'Warm.' } : callsFor('Lisbon', 'Porto')));
    await Promise.all([boss().invoke(question, { callbacks }), boss().invoke(question, { callbacks })]);
    const one = p1.replace(/1\d\+5/g, 'n+5');
    expect(tree().replace(/1\d\+5/g, 'n+5')).to.equal(`${one}\n${one}`);
    expect(scene.tokens()).to.deep.equal(scene.models.counted);
  });

  it('records a chain with its prompt, a bare model, and a batch', async () => {
    answer([{ text: 'Hi' }]);
    const chain = core.ChatPromptTemplate.fromMessages([['human', '{q}']]).pipe(scene.model);
    await chain.invoke({ q: 'Hello' }, { callbacks });
    await scene.model.invoke('Hello', { callbacks });
    await scene.model.generate([[['human', 'a']], [['human', 'b']]] as never, { callbacks });
    expect(tree().replace(/1\d\+5/g, 'n+5')).to.equal(`LangChain COMPLETED
  LangChain CHAIN OK
    ChatPromptTemplate CHAIN OK
    ChatOpenAI LLM gpt-x-2026 n+5 OK
${Array(3).fill('ChatOpenAI COMPLETED\n  ChatOpenAI LLM gpt-x-2026 n+5 OK').join('\n')}`);
    expect(scene.tokens()).to.deep.equal(scene.models.counted);
  });

  it('records a retriever with its documents', async () => {
    const { BaseRetriever } = await import('@langchain/core/retrievers');
    const { Document } = await import('@langchain/core/documents');
    class Cities extends BaseRetriever {
      lc_namespace = ['cities'];
      override async _getRelevantDocuments(query: string) {
        return [new Document({ pageContent: `${query}: warm`, metadata: { page: 1 } })];
      }
    }
    await new Cities().invoke('Lisbon', { callbacks });
    expect(tree()).to.equal('Cities COMPLETED\n  Cities RETRIEVER OK');
    expect(scene.recorded.span).to.deep.include({
      input: 'Lisbon',
      output: [{ pageContent: 'Lisbon: warm', metadata: { page: 1 } }],
    });
  });

  it('records the Responses API with the model’s reasoning', async () => {
    answer([{ reasoning: 'It is June.', text: 'Warm.' }]);
    await scene.make({ useResponsesApi: true }).invoke('Hello', { callbacks });
    expect(tree()).to.equal('ChatOpenAI COMPLETED\n  ChatOpenAI LLM gpt-x-2026 10+5 OK');
    expect(scene.recorded.span.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'Warm.' }] });
    expect(scene.recorded.span.metadata.reasoning_summary).to.equal('It is June.');
  });

  it('adds the options of handler and run to the trace', async () => {
    answer([{ text: 'Warm.' }]);
    const handler = new LangChainCallbackHandler({ userId: 'u-1', tags: ['a'], metadata: { team: 'b' } });
    const metadata = { session_id: 's-1', release: 'r' };
    await boss().invoke(question, { callbacks: [handler], tags: ['mine'], metadata });
    expect(scene.recorded.trace).to.deep.include({ sessionId: 's-1', userId: 'u-1', tags: ['a', 'mine'] });
    expect(scene.recorded.trace.metadata).to.deep.equal({ release: 'r', team: 'b' });
  });
});

async function until(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !isSo(); i += 1) await new Promise((resolve) => setImmediate(resolve));
}
