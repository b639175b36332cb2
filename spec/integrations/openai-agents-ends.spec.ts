import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { withTrace } from '../../lib/index.js';
import { OpenAIAgentsAdapter } from '../../lib/integrations/openai-agents.js';
import { rejection } from '../support/recorded.js';
import { turns } from '../support/recording.js';
import { until } from '../support/until.js';
import { callsFor, openAIAgentsScene } from './support/openai-agents-scene.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('A trace of OpenAI Agents', () => {
  const scene = openAIAgentsScene();
  const { answer, boss, runner, tree } = scene;

  beforeEach(() => {
    scene.agents.setTraceProcessors([new OpenAIAgentsAdapter().createTraceProcessor()]);
  });

  /** An agent whose tool must be approved. */
  const careful = () => boss({ tools: [scene.w({ needsApproval: true })] });
  const run = `  Agent workflow CHAIN OK
    boss AGENT OK
      gpt-x LLM gpt-x 10+5 OK
      w TOOL OK
      gpt-x LLM gpt-x 11+5 OK`;

  for (const [what, leave] of [
    ['in an object', (stream: object) => ({ stream })],
    ['itself', (stream: object) => stream],
  ] as const) {
    it(`waits for a stream that is returned from the framework’s withTrace(), ${what}`, async () => {
      answer([callsFor('A'), { text: 'Cold.' }]);
      const given: unknown = await scene.agents.withTrace('mine', async () =>
        leave(await runner().run(boss(), 'How warm?', { stream: true })),
      );
      const stream = ((given as { stream?: unknown }).stream ?? given) as AsyncIterable<unknown>;
      for await (const _ of stream);
      await until(() => scene.recorded.traces.length === 1);
      expect(tree()).to.equal(`mine COMPLETED\n${run}`);
    });
  }

  it('ends when nothing can go on in it: its function threw, or its model never answers', async () => {
    answer([{ text: 'Cold.' }]);
    await rejection(
      scene.agents.withTrace('mine', async () => {
        await runner().run(boss(), 'How warm?');
        throw new Error('no');
      }),
    );
    const never = { getResponse: () => new Promise<never>(() => {}), async *getStreamedResponse() {} };
    void runner().run(scene.agent('silent', { model: never }), 'How warm?');
    for (let i = 0; i < 50 && scene.recorded.traces.length < 2; i += 1) {
      await turns(5);
      collectGarbage();
    }
    const ended = scene.recorded.traces.map(({ name, status, spans }) => [
      name,
      status,
      spans[0]?.endedAt !== undefined,
    ]);
    expect(ended).to.have.deep.members([
      ['mine', 'COMPLETED', true],
      ['OpenAIAgentsSDK', 'COMPLETED', true],
    ]);
  });

  describe('of a run that waits for an approval', () => {
    const half = (last: string) => `OpenAIAgentsSDK COMPLETED\n  Agent workflow CHAIN OK\n    boss AGENT OK\n${last}`;
    const paused = half('      gpt-x-2026 LLM gpt-x-2026 10+5 OK');
    const goesOn = half('      w TOOL OK\n      gpt-x-2026 LLM gpt-x-2026 11+5 OK');

    for (const [what, kept] of [
      ['as it is', async (state: object) => state],
      [
        'as text',
        (state: object, agent: object) => scene.agents.RunState.fromString(agent as never, `${state.toString()}`),
      ],
    ] as const) {
      it(`is followed by one of the run that goes on, with its state kept ${what}`, async () => {
        answer([callsFor('A'), { text: 'Cold.' }]);
        const agent = careful();
        const chat = runner({ groupId: 'chat-1' });
        const first = await chat.run(agent, 'How warm?');
        expect(tree()).to.equal(paused);
        const [run, boss, llm] = scene.recorded.spans.map(({ metadata }) => metadata.interrupted);
        expect([scene.recorded.trace.metadata.interrupted, run, boss, llm]).to.deep.equal([
          true,
          true,
          true,
          undefined,
        ]);
        const state = (await kept(first.state, agent)) as typeof first.state;
        for (const each of state.getInterruptions()) state.approve(each);
        expect((await chat.run(agent, state)).finalOutput).to.equal('Cold.');
        expect(tree()).to.equal(`${paused}\n${goesOn}`);
        expect(scene.recorded.traces.map(({ sessionId }) => sessionId)).to.deep.equal(['chat-1', 'chat-1']);
        const { metadata, spans = [] } = scene.recorded.traces[1] ?? {};
        const interrupted = [metadata, ...spans.map((span) => span.metadata)].map((each) => each?.interrupted);
        expect(interrupted).to.not.include(true);
      });
    }

    it('is not interrupted if a run ends with its first tool, or by a hand-off beside a tool', async () => {
      answer([callsFor('A', 'B')]);
      await runner().run(boss({ toolUseBehavior: 'stop_on_first_tool' }), 'How warm?');
      const handedOver = { id: 'h', name: 'transfer_to_helper', args: {} };
      answer([{ tools: [...(callsFor('A').tools ?? []), handedOver, { ...handedOver, id: 'i' }] }, { text: 'Cold.' }]);
      await runner().run(boss({ handoffs: [scene.agent('helper')] }), 'How warm?');
      expect(scene.recorded.traces).to.have.lengthOf(2);
      expect(scene.recorded.text).to.not.include('interrupted');
    });

    it('is interrupted down to the agent whose tool waits, also if a tool has called that agent', async () => {
      answer([{ tools: [{ id: 'a', name: 'ask', args: { input: 'How warm?' } }] }, callsFor('A')]);
      const ask = careful().asTool({ toolName: 'ask', toolDescription: 'Asks.' });
      expect((await runner().run(scene.agent('lead', { tools: [ask] }), 'Hi')).interruptions).to.have.lengthOf(1);
      expect(scene.recorded.spans.map(({ name, metadata }) => [name, metadata.interrupted])).to.deep.equal([
        ['Agent workflow', true],
        ['lead', true],
        ['gpt-x-2026', undefined],
        ['ask', true],
        ['boss', true],
        ['gpt-x-2026', undefined],
      ]);
    });

    it('is the current trace, before and after the approval', async () => {
      answer([callsFor('A'), { status: 400 }]);
      const agent = careful();
      await withTrace('mine', async () => {
        const { state } = await runner().run(agent, 'How warm?');
        for (const each of state.getInterruptions()) state.approve(each);
        await rejection(runner().run(agent, state));
      });
      expect(tree()).to.equal(`mine COMPLETED
  Agent workflow CHAIN OK
    boss AGENT OK
      gpt-x-2026 LLM gpt-x-2026 10+5 OK
  Agent workflow CHAIN ERROR
    boss AGENT ERROR
      w TOOL OK
      gpt-x LLM gpt-x ERROR`);
    });
  });

  it('is one trace for runs with the same id, also if they run at the same time', async () => {
    answer([{ text: 'Cold.', delay: 5 }]);
    const same = runner({ traceId: `trace_${'1'.repeat(32)}` });
    await Promise.all([same.run(boss(), 'One?'), same.run(boss(), 'Two?')]);
    const each = (prompt: number) =>
      `  Agent workflow CHAIN OK\n    boss AGENT OK\n      gpt-x-2026 LLM gpt-x-2026 ${prompt}+5 OK`;
    expect(tree()).to.be.oneOf([
      `OpenAIAgentsSDK COMPLETED\n${each(10)}\n${each(11)}`,
      `OpenAIAgentsSDK COMPLETED\n${each(11)}\n${each(10)}`,
    ]);
  });
});
