import { expect } from 'chai';
import { modelAdapter } from '../../lib/integrations/langchain/chat-adapter.js';
import { tokenOf } from '../../lib/integrations/langchain/stream-event.js';
import { LangChainCallbackHandler } from '../../lib/integrations/langchain.js';
import { drain } from '../support/recorded.js';
import { until } from '../support/until.js';
import { callsFor, endless, langChainScene, question } from './support/langchain-scene.js';

describe('Events of LangChain instead of chunks (streamEvents of version 3)', () => {
  const scene = langChainScene();
  const callbacks = [new LangChainCallbackHandler()];
  const stream = async (signal?: AbortSignal) => {
    const { createAgent } = await import('langchain');
    const boss = createAgent({ model: scene.model, tools: [scene.w], name: 'boss' });
    return boss.streamEvents(question, { version: 'v3', callbacks, ...(signal && { signal }) });
  };

  it('are recorded as one model call, with the time to the first token', async () => {
    scene.answer([callsFor('Lisbon', 'Porto'), { text: 'Warm.' }]);
    await drain(await stream());
    expect(scene.tree().replaceAll(/gpt-x\S*/g, 'gpt')).to.equal(`boss COMPLETED
  boss AGENT OK
    ChatOpenAI LLM gpt 10+5 OK
    w TOOL OK
    w TOOL OK
    ChatOpenAI LLM gpt 11+5 OK`);
    const llms = scene.recorded.spans.filter(({ kind }) => kind === 'LLM');
    for (const { completionStartTime } of llms) expect(completionStartTime).to.be.instanceOf(Date);
  });

  it('are recorded up to the abort of the run', async () => {
    const controller = new AbortController();
    scene.answer([endless]);
    const leave = async () => {
      for await (const event of await stream(controller.signal)) {
        if (JSON.stringify(event).includes('text-delta')) controller.abort();
      }
    };
    await leave().catch(() => {});
    await until(() => scene.recorded.traces.length > 0);
    const llm = scene.recorded.spans.find(({ kind }) => kind === 'LLM');
    expect(llm?.metadata.aborted).to.equal(true);
    expect(JSON.stringify(llm?.output)).to.match(/"content":"(ab)+"/);
  });

  it('have thoughts, texts and tool calls in pieces, and counts of all so far', () => {
    const adapter = modelAdapter('m');
    adapter.request({ metadata: { ls_provider: 'anthropic' } });
    const reply = adapter.stream();
    const counts = (output_tokens: number) => ({ input_tokens: 10, output_tokens, total_tokens: 10 + output_tokens });
    const block = (index: number, content: object) => ({ event: 'content-block-start', index, content });
    const more = (index: number, type: string, fields: object) => ({
      ...{ event: 'content-block-delta', index },
      delta: { type, ...fields },
    });
    for (const event of [
      { event: 'message-start', id: 'm1', usage: counts(1) },
      block(0, { type: 'reasoning', reasoning: 'Hm' }),
      more(0, 'reasoning-delta', { reasoning: 'm.' }),
      block(1, { type: 'text', text: 'It ' }),
      more(1, 'text-delta', { text: 'is.' }),
      block(2, { type: 'tool_call_chunk', id: 't1', name: 'w', args: '' }),
      more(2, 'tool-call-delta', { args: '{"city":' }),
      more(2, 'tool-call-delta', { args: '"Oslo"}' }),
      { event: 'usage', usage: counts(8) },
      { event: 'content-block-finish', index: 1, content: { type: 'text', text: 'It is.' } },
      { event: 'message-finish', reason: 'stop', usage: counts(8) },
    ]) {
      const piece = tokenOf(event);
      if (piece !== undefined) reply.add(piece, { started: () => {}, requested: () => {}, ended: () => {} });
    }
    const { output, reasoning, usage } = reply.facts();
    expect(output).to.deep.equal({
      messages: [
        {
          role: 'assistant',
          content: 'It is.',
          tool_calls: [{ id: 't1', type: 'function', function: { name: 'w', arguments: '{"city":"Oslo"}' } }],
        },
      ],
    });
    expect(reasoning).to.equal('Hmm.');
    expect(usage, 'the first count is in the second').to.deep.include({ prompt_tokens: 10, completion_tokens: 7 });
  });
});
