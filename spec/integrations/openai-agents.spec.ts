import type * as Agents from '@openai/agents';
import { expect } from 'chai';
import type OpenAI from 'openai';
import type { SpanView } from '../../lib/client/sinks/trace-view.js';
import { init, shutdown, withSpan, withTrace } from '../../lib/index.js';
import { type FrameworkOptions, OpenAIAgentsAdapter } from '../../lib/integrations/openai-agents.js';
import { unwrap, wrapOpenAI } from '../../lib/wrappers/openai.js';
import { rejection } from '../support/recorded.js';
import { until } from '../support/until.js';
import { withBrokenRecording } from './support/broken-recording.js';
import type { ModelReply } from './support/fake-models.js';
import { callsFor, openAIAgentsScene } from './support/openai-agents-scene.js';
import { statusTree } from './support/status-tree.js';

/** What a span holds is read as it comes. */
// biome-ignore lint/suspicious/noExplicitAny: messages are compared, not used
type Loose = SpanView & { readonly input?: any; readonly output?: any };

describe('OpenAIAgentsAdapter', () => {
  const scene = openAIAgentsScene();
  const { answer, boss, expectTokensOnce, tree } = scene;
  let adapter: OpenAIAgentsAdapter;
  /** The client that the framework uses, and the program, too. */
  let openai: OpenAI;

  beforeEach(async () => {
    openai ??= scene.openAI(); // one for all specs, because the framework keeps the first one
    // The framework's own client is wrapped, too: it must be silent.
    wrapOpenAI(openai);
    scene.agents.setDefaultOpenAIClient(openai as never);
    await instrument();
  });

  async function instrument(options: FrameworkOptions = {}): Promise<void> {
    adapter = new OpenAIAgentsAdapter(options);
    expect(await adapter.instrument()).to.equal(true);
  }

  /** The framework ends a streamed run after its reader has the last of it. */
  const ended = () => until(() => scene.recorded.traces.length > 0);
  const helper = () => scene.agent('helper');
  const ask = () =>
    openai.chat.completions.create({ model: 'gpt-x', messages: [{ role: 'user', content: 'in a tool' }] });
  /** The answer of a run whose model gives these replies. */
  const run = async (agent: object, replies: readonly ModelReply[], options: object = {}) => {
    answer(replies);
    return (await scene.agents.run(agent as Agents.Agent, 'How warm is it?', options)).finalOutput;
  };

  for (const api of ['chat_completions', 'responses'] as const) {
    describe(`with ${api}`, () => {
      before(() => scene.agents.setOpenAIAPI(api));

      it('records two tools at once and the answer, in a trace of its own, each token once', async () => {
        expect(await run(boss(), [callsFor('A', 'B'), { text: 'Cold.' }])).to.equal('Cold.');
        expect(tree()).to.equal(
          [
            'OpenAIAgentsSDK COMPLETED',
            '  Agent workflow CHAIN OK',
            '    boss AGENT OK',
            '      gpt-x-2026 LLM gpt-x-2026 10+5 OK',
            '      w TOOL OK',
            '      w TOOL OK',
            '      gpt-x-2026 LLM gpt-x-2026 11+5 OK',
          ].join('\n'),
        );
        expectTokensOnce();
        const [chain, agent, asked, first, , answered] = scene.recorded.spans as readonly Loose[];
        expect([first?.input, first?.output]).to.deep.equal([{ city: 'A' }, { city: 'A', degrees: 3 }]);
        expect(asked?.input.messages.map(({ role }: { role: string }) => role)).to.deep.equal(
          api === 'responses' ? ['user'] : ['system', 'user'], // OpenAI's responses repeat the instructions
        );
        expect(asked?.output.messages[0].tool_calls).to.have.lengthOf(2);
        expect(answered?.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'Cold.' }] });
        for (const outer of [chain, agent]) {
          expect(outer?.input).to.deep.equal(asked?.input);
          expect(outer?.output).to.deep.equal(answered?.output);
        }
        expect(scene.recorded.trace.input).to.deep.equal({ messages: [{ role: 'user', content: 'How warm is it?' }] });
        expect(scene.recorded.trace.output).to.deep.equal(answered?.output);
        expect(agent?.metadata).to.deep.include({ tools: ['w'], output_type: 'text' });
      });

      it('records a streamed run alike', async () => {
        answer([callsFor('A'), { text: 'Cold.' }]);
        const stream = await scene.agents.run(boss(), 'Hi', { stream: true });
        for await (const _ of stream);
        await ended();
        expect(tree().replaceAll('gpt-x-2026', 'gpt-x')).to.equal(
          [
            'OpenAIAgentsSDK COMPLETED',
            '  Agent workflow CHAIN OK',
            '    boss AGENT OK',
            '      gpt-x LLM gpt-x 10+5 OK',
            '      w TOOL OK',
            '      gpt-x LLM gpt-x 11+5 OK',
          ].join('\n'),
        );
        expectTokensOnce();
      });

      it('records a run that fails as ERROR down to the call that failed', async () => {
        const error = await rejection(run(boss(), [{ status: 400 }]));
        expect(error.message).to.equal('400 nope');
        expect(tree().replaceAll('gpt-x LLM gpt-x ERROR', 'response LLM ERROR')).to.equal(
          [
            'OpenAIAgentsSDK ERROR',
            '  Agent workflow CHAIN ERROR',
            '    boss AGENT ERROR',
            '      response LLM ERROR',
          ].join('\n'),
        );
        for (const { error } of scene.recorded.spans) expect(error).to.include('400 nope');
        expect(scene.recorded.trace.metadata.error).to.include('400 nope');
      });
    });
  }

  describe('with other agents', () => {
    before(() => scene.agents.setOpenAIAPI('chat_completions'));

    it('records an agent that is used as a tool below the tool', async () => {
      const ask = helper().asTool({ toolName: 'ask_helper', toolDescription: 'Helps' });
      await run(boss({ tools: [ask] }), [
        { tools: [{ id: 't1', name: 'ask_helper', args: { input: 'q' } }] },
        { text: 'Help.' },
        { text: 'Done.' },
      ]);
      expect(tree()).to.equal(
        [
          'OpenAIAgentsSDK COMPLETED',
          '  Agent workflow CHAIN OK',
          '    boss AGENT OK',
          '      gpt-x-2026 LLM gpt-x-2026 10+5 OK',
          '      ask_helper TOOL OK',
          '        helper AGENT OK',
          '          gpt-x-2026 LLM gpt-x-2026 11+5 OK',
          '      gpt-x-2026 LLM gpt-x-2026 12+5 OK',
        ].join('\n'),
      );
      const [chain, , , tool, inner] = scene.recorded.spans as readonly Loose[];
      expect(inner?.output.messages[0].content).to.equal('Help.');
      expect([tool?.input, tool?.output]).to.deep.equal([{ input: 'q' }, 'Help.']);
      expect(chain?.output.messages[0].content).to.equal('Done.');
    });

    it('records a hand-off, and the second agent beside the first', async () => {
      const first = scene.agents.Agent.create({
        name: 'boss',
        instructions: 'b',
        model: 'gpt-x',
        handoffs: [helper()],
      });
      await run(first, [{ tools: [{ id: 't1', name: 'transfer_to_helper', args: {} }] }, { text: 'Help.' }]);
      expect(tree()).to.equal(
        [
          'OpenAIAgentsSDK COMPLETED',
          '  Agent workflow CHAIN OK',
          '    boss AGENT OK',
          '      gpt-x-2026 LLM gpt-x-2026 10+5 OK',
          '      handoff OTHER OK',
          '    helper AGENT OK',
          '      gpt-x-2026 LLM gpt-x-2026 11+5 OK',
        ].join('\n'),
      );
      expect(scene.recorded.spans.find(({ name }) => name === 'handoff')?.metadata).to.deep.include({
        from: 'boss',
        to: 'helper',
      });
    });

    it('shows tasks and turns with showInternals', async () => {
      await instrument({ showInternals: true });
      await run(boss(), [{ text: 'Cold.' }]);
      expect(tree()).to.include('    boss AGENT OK\n      turn 1 CHAIN OK\n        gpt-x-2026 LLM');
    });
  });

  describe('where something goes wrong', () => {
    it('records a tool that throws as ERROR, and the run as what it became', async () => {
      scene.tool(() => Promise.reject(new Error('tool broke')));
      expect(await run(boss(), [callsFor('A'), { text: 'No luck.' }])).to.equal('No luck.');
      expect(tree()).to.match(/^OpenAIAgentsSDK COMPLETED\n.*CHAIN OK\n.*AGENT OK\n.*OK\n {6}w TOOL ERROR\n.*OK$/);
    });

    it('records a tripwire without a model call, with the reason', async () => {
      const trips = async () => ({ tripwireTriggered: true, outputInfo: 'no' });
      await rejection(
        run(boss({ inputGuardrails: [{ name: 'g1', execute: trips, runInParallel: false }] }), [{ text: '' }]),
      );
      expect(tree()).to.equal(
        'OpenAIAgentsSDK ERROR\n  Agent workflow CHAIN ERROR\n    boss AGENT ERROR\n      g1 OTHER OK',
      );
      expect(scene.recorded.spans[2]?.metadata.triggered).to.equal(true);
      expect(scene.recorded.spans[1]?.error).to.match(/^InputGuardrailTripwireTriggered: /);
    });

    it('records too many turns as far as they came', async () => {
      await rejection(run(boss(), [callsFor('A')], { maxTurns: 1 }));
      expect(tree()).to.match(/^OpenAIAgentsSDK ERROR\n.*CHAIN ERROR\n.*AGENT ERROR\n.*LLM.*OK\n.*w TOOL OK$/);
      expect(scene.recorded.trace.metadata.error).to.match(/^MaxTurnsExceededError: /);
    });

    it('records a stream that its reader leaves, or that is aborted, as aborted, without tokens', async () => {
      const abort = new AbortController();
      for (const signal of [undefined, abort.signal]) {
        scene.recorded.memory.clear();
        answer([callsFor('A'), { chunks: 'abcdefghijklmnop'.split(''), text: 'abcdefghijklmnop', chunkDelay: 5 }]);
        const stream = await scene.agents.run(boss(), 'Hi', { stream: true, ...(signal && { signal }) });
        for await (const _ of stream.toTextStream()) {
          if (signal === undefined) break;
          abort.abort();
        }
        await stream.completed.catch(() => {});
        await ended();
        expect(tree()).to.equal(`OpenAIAgentsSDK COMPLETED
  Agent workflow CHAIN OK
    boss AGENT OK
      gpt-x LLM gpt-x 10+5 OK
      w TOOL OK
      gpt-x LLM gpt-x OK`);
        const [run, agent, first, w, last] = scene.recorded.spans.map(({ metadata }) => metadata.aborted);
        expect([run, agent, first, w, last]).to.deep.equal([true, true, undefined, undefined, true]);
        expect(scene.recorded.spans[4]?.metadata.stream_incomplete).to.equal(true);
      }
    });

    it('records a run that is aborted as aborted, not as an error', async () => {
      answer([{ hang: true }]);
      const abort = new AbortController();
      const running = scene.agents.run(boss(), 'Hi', { signal: abort.signal });
      while (scene.models.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
      abort.abort();
      await rejection(running);
      expect(tree()).to.match(/^OpenAIAgentsSDK COMPLETED\n.*CHAIN OK\n.*AGENT OK\n.*LLM.* OK$/);
      for (const { metadata } of scene.recorded.spans) expect(metadata.aborted).to.equal(true);
    });
  });

  describe('in the program', () => {
    it('nests the spans and clients of a tool in it, in a trace that is there already, two tools at once', async () => {
      scene.tool((city) => withSpan(`lookup ${city}`, () => ask()));
      const answers = { count: 0 };
      answer(({ messages = [] }) => {
        if (messages.at(-1)?.content === 'in a tool') return { text: 'x' };
        answers.count += 1;
        return answers.count === 1 ? callsFor('A', 'B') : { text: 'Cold.' };
      });
      await withTrace('mine', async () => {
        await withSpan('before', () => {});
        await scene.agents.run(boss(), 'Hi');
        await withSpan('after', () => ask());
      });
      expect(tree().replace(/ \d\d\+5/g, '')).to.equal(
        [
          'mine COMPLETED',
          '  before OTHER OK',
          '  Agent workflow CHAIN OK',
          '    boss AGENT OK',
          '      gpt-x-2026 LLM gpt-x-2026 OK',
          ...['A', 'B'].flatMap((city) => [
            '      w TOOL OK',
            `        lookup ${city} OTHER OK`,
            '          openai-chat LLM gpt-x-2026 OK',
          ]),
          '      gpt-x-2026 LLM gpt-x-2026 OK',
          '  after OTHER OK',
          '    openai-chat LLM gpt-x-2026 OK',
        ].join('\n'),
      );
      expectTokensOnce();
    });

    it('puts two runs at once into two traces', async () => {
      answer(({ messages = [] }) => (messages.length > 2 ? { text: 'Cold.' } : callsFor('A')));
      await Promise.all([scene.agents.run(boss(), 'one'), scene.agents.run(boss(), 'two')]);
      const [first, second, ...more] = statusTree(scene.recorded.traces).split(/\n(?=\S)/);
      expect(more).to.deep.equal([]);
      expect(first?.split('\n')).to.have.lengthOf(6);
      expect(first?.replace(/\d+\+/g, '')).to.equal(second?.replace(/\d+\+/g, ''));
      expectTokensOnce();
    });

    it('puts the runs in one withTrace() of the framework into one trace, with its group as the session', async () => {
      answer([{ text: '1' }, { status: 400 }, { text: '3' }]);
      await scene.agents.withTrace(
        'mine',
        async () => {
          await scene.agents.run(boss(), 'a');
          await rejection(scene.agents.run(boss(), 'b'));
          await scene.agents.run(boss(), 'c');
        },
        { groupId: 'g-1', metadata: { team: 'a' } },
      );
      expect(
        tree()
          .split('\n')
          .filter((line) => /^ {0,2}\S/.test(line)),
      ).to.deep.equal([
        'mine COMPLETED',
        '  Agent workflow CHAIN OK',
        '  Agent workflow CHAIN ERROR',
        '  Agent workflow CHAIN OK',
      ]);
      expect([scene.recorded.trace.sessionId, scene.recorded.trace.metadata]).to.deep.equal(['g-1', { team: 'a' }]);
    });

    it('ends a withTrace() of the framework that throws, though the framework does not report its end', async () => {
      answer([{ status: 400 }]);
      await rejection(scene.agents.withTrace('mine', () => scene.agents.run(boss(), 'a')));
      await ended();
      expect(tree()).to.match(/^mine ERROR\n {2}Agent workflow CHAIN ERROR/);
    });

    it('records the session, user, tags and metadata of its options, and no values if they say so', async () => {
      await instrument({
        ...{ sessionId: 's', userId: 'u', tags: ['a'], metadata: { team: 'b' } },
        ...{ captureInput: false, captureOutput: false },
      });
      await run(boss(), [callsFor('A'), { text: 'S3CRET' }]);
      const { sessionId, userId, tags, metadata, input, output } = scene.recorded.trace;
      expect({ sessionId, userId, tags, metadata, input, output }).to.deep.equal({
        ...{ sessionId: 's', userId: 'u', tags: ['a'], metadata: { team: 'b' } },
        ...{ input: undefined, output: undefined },
      });
      for (const span of scene.recorded.spans) expect([span.input, span.output]).to.deep.equal([undefined, undefined]);
      expect(scene.recorded.text).to.not.match(/S3CRET|How warm/);
    });
  });

  describe('as a guest', () => {
    it('records once what is instrumented twice, and nothing once it is taken off', async () => {
      await instrument();
      await run(boss(), [{ text: 'x' }]);
      expect(scene.recorded.traces).to.have.lengthOf(1);
      expect(adapter.uninstrument()).to.equal(true);
      expect(adapter.uninstrument()).to.equal(false);
      await run(boss(), [{ text: 'x' }]);
      expect(scene.recorded.traces.filter(({ name }) => name === 'OpenAIAgentsSDK')).to.have.lengthOf(1);
    });

    it('P38 makes no difference while the SDK is disabled', async () => {
      await shutdown();
      init({ enabled: false });
      expect(await run(boss(), [callsFor('A'), { text: 'x' }])).to.equal('x');
    });

    it('P38 costs a warning when it fails inside, and the run goes on', async () => {
      const lines = await withBrokenRecording(async () => {
        unwrap(openai);
        expect(await run(boss(), [callsFor('A'), { text: 'x' }])).to.equal('x');
      });
      expect(lines.filter((line) => line.startsWith('[pandaprobe]'))).to.have.lengthOf(1);
      expect(lines.join()).to.not.include('S3CRET');
    });

    it('stays registered when the program replaces the processors, and registers again if it was off then', async () => {
      const runs = async () => {
        await run(boss(), [{ text: 'x' }]);
        return scene.recorded.traces.filter(({ name }) => name === 'OpenAIAgentsSDK').length;
      };
      scene.agents.setTraceProcessors([]);
      expect(await runs()).to.equal(1);
      adapter.uninstrument();
      scene.agents.setTraceProcessors([]);
      expect(await runs()).to.equal(1);
      expect(await adapter.instrument()).to.equal(true);
      expect(await runs()).to.equal(2);
      scene.agents.setTraceProcessors([adapter.createTraceProcessor()]);
      expect(await runs()).to.equal(3);
    });

    it('records with a processor that the program registers itself', async () => {
      adapter.uninstrument();
      scene.agents.setTraceProcessors([adapter.createTraceProcessor()]);
      await run(boss(), [{ text: 'x' }]);
      expect(scene.recorded.traces).to.have.lengthOf(1);
      await scene.agents.getGlobalTraceProvider().forceFlush();
    });
  });
});
