import { expect } from 'chai';
import { OpenAIAgentsAdapter } from '../../lib/integrations/openai-agents.js';
import { until } from '../support/until.js';
import { callsFor, openAIAgentsScene } from './support/openai-agents-scene.js';

describe('OpenAI Agents without inputs and outputs in their traces (traceIncludeSensitiveData: false)', () => {
  const scene = openAIAgentsScene();
  const { answer, boss, tree } = scene;

  beforeEach(() => {
    scene.agents.setTraceProcessors([new OpenAIAgentsAdapter().createTraceProcessor()]);
  });

  const runner = (useResponses: boolean) =>
    scene.runner({
      modelProvider: new scene.agents.OpenAIProvider({ openAIClient: scene.openAI() as never, useResponses }),
      traceIncludeSensitiveData: false,
    });

  for (const [form, useResponses, name] of [
    ['the Responses API', true, 'response LLM'],
    ['chat completions', false, 'gpt-x LLM gpt-x'],
  ] as const) {
    for (const stream of [false, true]) {
      it(`have the tokens of each call, with ${form}${stream ? ', streamed' : ''}`, async () => {
        answer([callsFor('A', 'B'), { text: 'Cold.' }]);
        const result = await runner(useResponses).run(boss(), 'How warm?', { stream: stream as true });
        if (stream) for await (const _ of result);
        await until(() => scene.recorded.traces.length === 1);
        expect(tree()).to.equal(
          [
            'OpenAIAgentsSDK COMPLETED',
            '  Agent workflow CHAIN OK',
            '    boss AGENT OK',
            `      ${name} 10+5 OK`,
            '      w TOOL OK',
            '      w TOOL OK',
            `      ${name} 11+5 OK`,
          ].join('\n'),
        );
        scene.expectTokensOnce();
        for (const { input, output, metadata } of scene.recorded.spans) {
          expect([input, output, metadata.stream_incomplete]).to.deep.equal([undefined, undefined, undefined]);
        }
      });
    }
  }

  it('count no tokens twice if an agent is used as a tool', async () => {
    const helper = scene.agent('helper').asTool({ toolName: 'ask', toolDescription: 'Asks.' });
    const calls = { tools: [{ id: 't1', name: 'ask', args: { input: 'x' } }] };
    answer([calls, { text: 'inner' }, { text: 'Cold.' }]);
    await runner(false).run(scene.agent('boss', { tools: [helper] }), 'How warm?');
    await until(() => scene.recorded.traces.length === 1);
    const counts = scene.recorded.spans.flatMap(({ kind, tokenUsage }) =>
      kind === 'LLM' ? [tokenUsage?.prompt_tokens] : [],
    );
    // The framework adds those of the helper (11) to those of the call that asked for it (10).
    expect(counts).to.deep.equal([undefined, 11, 12]);
  });
});
