import { expect } from 'chai';
import { DeepAgentsCallbackHandler } from '../../lib/integrations/deepagents.js';
import { rejection } from '../support/recorded.js';
import type { ModelReply, ModelRequest } from './support/fake-models.js';
import { callsFor, langChainScene, question } from './support/langchain-scene.js';

describe('DeepAgentsCallbackHandler', () => {
  const scene = langChainScene();
  const { answer, tree } = scene;
  let createDeepAgent: typeof import('deepagents')['createDeepAgent'];
  let todoListMiddleware: typeof import('langchain')['todoListMiddleware'];
  const callbacks = [new DeepAgentsCallbackHandler()];

  before(async () => {
    ({ createDeepAgent } = await import('deepagents'));
    ({ todoListMiddleware } = await import('langchain'));
  });

  const deep = () =>
    createDeepAgent({
      model: scene.model,
      tools: [scene.w],
      middleware: [todoListMiddleware()] as never,
      subagents: [{ name: 'researcher', description: 'finds out', systemPrompt: 'You research.', tools: [scene.w] }],
    });
  /** Its types infer a state and a configuration that nothing fits. */
  const ask = () => deep().invoke(question as never, { callbacks } as never);
  const task = (id: string, description = id) => ({
    id,
    name: 'task',
    args: { description, subagent_type: 'researcher' },
  });

  it('records a sub-agent below its task, and the to-do list', async () => {
    const todos = { id: 't', name: 'write_todos', args: { todos: [{ content: 'find out', status: 'pending' }] } };
    answer([{ tools: [todos] }, { tools: [task('a')] }, callsFor('Lisbon'), { text: 'found' }, { text: 'Warm.' }]);
    await ask();
    expect(tree()).to.equal(`DeepAgents COMPLETED
  DeepAgents AGENT OK
    ChatOpenAI LLM gpt-x-2026 10+5 OK
    write_todos TOOL OK
    ChatOpenAI LLM gpt-x-2026 11+5 OK
    task TOOL OK
      researcher AGENT OK
        ChatOpenAI LLM gpt-x-2026 12+5 OK
        w TOOL OK
        ChatOpenAI LLM gpt-x-2026 13+5 OK
    ChatOpenAI LLM gpt-x-2026 14+5 OK`);
    expect(scene.tokens()).to.deep.equal(scene.models.counted);
    expect(scene.recorded.spans.find(({ name }) => name === 'task')?.output).to.equal('found');
  });

  it('names a sub-agent without a name by its task', async () => {
    answer([{ tools: [task('a')] }, { tools: [task('b')] }, { text: 'deep' }, { text: 'found' }, { text: 'Warm.' }]);
    const inner = createDeepAgent({
      model: scene.model,
      subagents: [{ name: 'researcher', description: 'digs', systemPrompt: 'You dig.' }],
    });
    const researcher = { name: 'researcher', description: 'finds out', runnable: inner };
    const outer = createDeepAgent({ model: scene.model, subagents: [researcher as never] });
    await outer.invoke(question as never, { callbacks } as never);
    expect(tree()).to.equal(`DeepAgents COMPLETED
  DeepAgents AGENT OK
    ChatOpenAI LLM gpt-x-2026 10+5 OK
    task TOOL OK
      researcher AGENT OK
        ChatOpenAI LLM gpt-x-2026 11+5 OK
        task TOOL OK
          researcher AGENT OK
            ChatOpenAI LLM gpt-x-2026 12+5 OK
        ChatOpenAI LLM gpt-x-2026 13+5 OK
    ChatOpenAI LLM gpt-x-2026 14+5 OK`);
  });

  it('keeps two tasks apart that run at once', async () => {
    const script = ({ messages = [] }: ModelRequest): ModelReply => {
      const last = messages.at(-1);
      const isInner = !JSON.stringify(messages).includes('How warm');
      if (last?.role === 'tool') return { text: isInner ? 'found' : 'Warm.' };
      return isInner ? callsFor(`${last?.content}`) : { tools: [task('Lisbon'), task('Porto')] };
    };
    answer(script);
    await ask();
    const branch = `    task TOOL OK
      researcher AGENT OK
        ChatOpenAI LLM gpt-x-2026 n+5 OK
        w TOOL OK
        ChatOpenAI LLM gpt-x-2026 n+5 OK`;
    expect(tree().replace(/1\d\+5/g, 'n+5')).to.equal(`DeepAgents COMPLETED
  DeepAgents AGENT OK
    ChatOpenAI LLM gpt-x-2026 n+5 OK
${branch}
${branch}
    ChatOpenAI LLM gpt-x-2026 n+5 OK`);
    const { spans } = scene.recorded.trace;
    for (const city of ['Lisbon', 'Porto']) {
      const w = spans.find(({ name, input }) => name === 'w' && Reflect.get(Object(input), 'city') === city);
      const agent = spans.find(({ spanId }) => spanId === w?.parentSpanId);
      const above = spans.find(({ spanId }) => spanId === agent?.parentSpanId);
      expect(above?.input).to.deep.include({ description: city });
    }
  });

  it("records a sub-agent whose model fails as its task's ERROR", async () => {
    answer([{ tools: [task('a')] }, { status: 400 }, { text: 'Sorry.' }]);
    await rejection(ask());
    expect(tree()).to.equal(`DeepAgents ERROR
  DeepAgents AGENT ERROR
    ChatOpenAI LLM gpt-x-2026 10+5 OK
    task TOOL ERROR
      researcher AGENT ERROR
        ChatOpenAI LLM gpt-x ERROR`);
  });
});
