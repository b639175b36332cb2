import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { getClient, init, shutdown, withSpan, withTrace } from '../../lib/index.js';
import { PandaProbeExporter } from '../../lib/integrations/mastra.js';
import { run as runProgram } from '../auto/ran.js';
import { rejection } from '../support/recorded.js';
import { until } from '../support/until.js';
import { withBrokenRecording } from './support/broken-recording.js';
import { calls, useMastra } from './support/mastra-runs.js';

const program = fileURLToPath(new URL('./support/mastra-alone.ts', import.meta.url));

describe('PandaProbeExporter for Mastra', () => {
  const own = useMastra();
  const { tree, spans, named, agent, options, run, textOf, expectTokensOnce } = own;
  const twoTools = [
    'boss COMPLETED',
    '  boss AGENT OK',
    '    gpt-x LLM gpt-x-2026 10+5 OK',
    '    w TOOL OK',
    '    w TOOL OK',
    '    gpt-x LLM gpt-x-2026 11+5 OK',
  ].join('\n');

  it('records two tools at once and the answer, in a trace of its own, each token once', async () => {
    expect(await run([calls('A', 'B'), { text: 'Cold.' }])).to.equal('Cold.');
    expect(tree()).to.equal(twoTools);
    expectTokensOnce();
    const [outer, asked, first, , answered] = spans();
    expect([first?.input, first?.output]).to.deep.equal([{ city: 'A' }, { city: 'A', degrees: 3 }]);
    const question = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'How warm is it?' },
    ];
    expect(asked?.input.messages).to.deep.equal(question);
    expect(asked?.output.messages[0].tool_calls.map(({ id }: { id: string }) => id)).to.deep.equal(['t0', 't1']);
    expect(answered?.input.messages).to.deep.equal([
      ...question,
      asked?.output.messages[0],
      ...['A', 'B'].map((city, i) => ({
        ...{ role: 'tool', tool_call_id: `t${i}`, name: 'w' },
        content: JSON.stringify({ city, degrees: 3 }),
      })),
    ]);
    expect(answered?.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'Cold.' }] });
    for (const each of [outer, own.recorded.trace]) {
      expect(each?.input).to.deep.equal({ messages: [{ role: 'user', content: 'How warm is it?' }] });
      expect(each?.output).to.deep.equal(answered?.output);
    }
  });

  it('ends a model call when its tools begin, although the framework reports the end later', async () => {
    own.inTool = () => new Promise((resolve) => setTimeout(resolve, 40));
    await run([calls('A'), { text: 'Cold.' }]);
    const [, asked, tool, answered] = spans();
    const times = [asked, tool, answered].flatMap((span) => [span?.startedAt, span?.endedAt]).map(Number);
    expect(times).to.deep.equal(times.toSorted((a, b) => a - b));
    for (const span of [asked, answered]) {
      const first = Number(span?.completionStartTime);
      expect(first, 'the first token').to.be.within(Number(span?.startedAt), Number(span?.endedAt));
    }
  });

  it('records a streamed run in the same way, also if nobody reads the stream', async () => {
    own.models.answer([calls('A', 'B'), { text: 'Cold.' }]);
    expect(await textOf(await agent().stream('How warm is it?'))).to.equal('Cold.');
    expect(tree()).to.equal(twoTools);
    expectTokensOnce();
    own.models.answer([{ text: 'Hello', chunkDelay: 2 }]);
    for await (const _piece of (await agent().stream('Hi')).textStream) break;
    await until(() => own.recorded.traces.length === 2);
    expect(tree().split('\n').slice(-3)).to.deep.equal([
      'boss COMPLETED',
      '  boss AGENT OK',
      '    gpt-x LLM gpt-x-2026 10+5 OK',
    ]);
  });

  it('records a sub-agent below its tool, and its answer as the model gets it', async () => {
    const help = { tools: [{ id: 't', name: 'agent-helper', args: { prompt: 'q' } }] };
    expect(await run([help, { text: 'Help.' }, { text: 'Done.' }], 'lead')).to.equal('Done.');
    expect(tree()).to.equal(
      [
        'lead COMPLETED',
        '  lead AGENT OK',
        '    gpt-x LLM gpt-x-2026 10+5 OK',
        '    agent-helper TOOL OK',
        '      helper AGENT OK',
        '        gpt-x LLM gpt-x-2026 11+5 OK',
        '    gpt-x LLM gpt-x-2026 12+5 OK',
      ].join('\n'),
    );
    expectTokensOnce();
    expect(spans().at(-1)?.input.messages.at(-1)).to.deep.include({ role: 'tool', content: 'Help.' });
  });

  it('records a workflow, its steps, and the agent in one', async () => {
    own.models.answer([calls('A'), { text: 'Cold.' }]);
    const workflow = await own.mastra.getWorkflow('wf' as never).createRun();
    await workflow.start({ inputData: { q: 'hi' } });
    expect(tree()).to.equal(
      [
        'wf COMPLETED',
        '  wf CHAIN OK',
        '    st CHAIN OK',
        '      in the step OTHER OK',
        '      boss AGENT OK',
        '        gpt-x LLM gpt-x-2026 10+5 OK',
        '        w TOOL OK',
        '        gpt-x LLM gpt-x-2026 11+5 OK',
      ].join('\n'),
    );
    expect([named('wf').input, named('wf').output]).to.deep.equal([{ q: 'hi' }, { a: 'Cold.' }]);
  });

  it('records structured output as the output of the agent', async () => {
    own.models.answer([{ text: '{"degrees":3}' }]);
    await agent().generate('How warm?', { structuredOutput: { schema: own.scene.degrees } });
    expect(named('boss').output).to.deep.equal({ degrees: 3 });
  });

  describe('in the program', () => {
    it('nests the spans and clients of tools in them, two at once, in a trace that is there already', async () => {
      const ask = () =>
        own.openai.chat.completions.create({ model: 'gpt-z', messages: [{ role: 'user', content: 'in a tool' }] });
      own.inTool = (city) => withSpan(`lookup ${city}`, () => ask());
      await withTrace('mine', async () => {
        await withSpan('before', () => {});
        const running = run(({ model, messages = [] }) => {
          if (model === 'gpt-z') return { text: 'x' };
          return messages.length > 2 ? { text: 'Cold.' } : calls('A', 'B');
        });
        await withSpan('beside', () => {});
        await running;
        await withSpan('after', () => ask());
      });
      expect(tree().replace(/ \d\d\+5/g, '')).to.equal(
        [
          'mine COMPLETED',
          '  before OTHER OK',
          '  beside OTHER OK',
          '  boss AGENT OK',
          '    gpt-x LLM gpt-x-2026 OK',
          ...['A', 'B'].flatMap((city) => [
            '    w TOOL OK',
            `      lookup ${city} OTHER OK`,
            '        openai-chat LLM gpt-x-2026 OK',
          ]),
          '    gpt-x LLM gpt-x-2026 OK',
          '  after OTHER OK',
          '    openai-chat LLM gpt-x-2026 OK',
        ].join('\n'),
      );
      expectTokensOnce();
    });

    it('records no second call of a wrapped client that a model uses', async () => {
      expect(await run([{ text: 'Cold.' }], 'wrapped')).to.equal('Cold.');
      expect(tree()).to.match(/^wrapped COMPLETED\n {2}wrapped AGENT OK\n {4}own LLM own 10\+5 OK$/);
      expectTokensOnce();
    });

    it('puts two runs at once into two traces', async () => {
      own.models.answer(({ messages = [] }) => (messages.length > 2 ? { text: 'Cold.' } : calls('A')));
      await Promise.all([agent().generate('one'), agent().generate('two')]);
      const [first, second, ...more] = tree()
        .replace(/\d+\+/g, '')
        .split(/\n(?=\S)/);
      expect(more).to.deep.equal([]);
      expect(first?.split('\n')).to.have.lengthOf(5);
      expect(first).to.equal(second);
      expectTokensOnce();
    });

    it('records the session, user, tags and metadata of its options, and no values if they say so', async () => {
      options({
        ...{ sessionId: 's', userId: 'u', tags: ['a'], metadata: { team: 'b' } },
        ...{ captureInput: false, captureOutput: false },
      });
      await run([calls('A'), { text: 'Cold.' }]);
      const { sessionId, userId, tags, metadata, input, output } = own.recorded.trace;
      expect({ sessionId, userId, tags, metadata, input, output }).to.deep.equal({
        ...{ sessionId: 's', userId: 'u', tags: ['a'], metadata: { team: 'b' } },
        ...{ input: undefined, output: undefined },
      });
      for (const span of own.recorded.spans) expect([span.input, span.output]).to.deep.equal([undefined, undefined]);
      expect(own.recorded.text).to.not.match(/How warm|Cold/);
    });

    it('leaves nothing current in the code that starts a workflow, and the workflow current in the code that decides how it goes on', async () => {
      own.models.answer([{ text: 'Cold.' }]);
      await withTrace('mine', async () => {
        const workflow = await own.mastra.getWorkflow('branched' as never).createRun();
        const running = workflow.start({ inputData: { q: 'hi' } });
        await withSpan('beside', () => {});
        await running;
        await withSpan('after', () => {});
      });
      expect(tree()).to.equal(
        [
          'mine COMPLETED',
          '  branched CHAIN OK',
          '    in the condition OTHER OK',
          '    st CHAIN OK',
          '      in the step OTHER OK',
          '      boss AGENT OK',
          '        gpt-x LLM gpt-x-2026 10+5 OK',
          '  beside OTHER OK',
          '  after OTHER OK',
        ].join('\n'),
      );
    });

    it('leaves nothing current in a program where nothing was before', async function () {
      this.timeout(280_000);
      const { code, stdout, stderr } = await runProgram(['--import', 'tsx', program]);
      expect(code, stderr).to.equal(0);
      const one = 'boss COMPLETED\n  boss AGENT OK\n    gpt-x LLM gpt-x-2026 ';
      expect(stdout).to.equal(`${one}10+5 OK\n${one}11+5 OK\n`);
    });

    it('takes session, user, tags and metadata from the framework if they are not set otherwise', async () => {
      own.models.answer([{ text: 'Cold.' }]);
      const tracingOptions = { tags: ['b'], metadata: { sessionId: 'thread', userId: 'mo', team: 'c' } };
      await agent().generate('Hi', { tracingOptions });
      const { sessionId, userId, tags, metadata } = own.recorded.trace;
      expect({ sessionId, userId, tags, metadata }).to.deep.equal({
        ...{ sessionId: 'thread', userId: 'mo', tags: ['b'], metadata: { team: 'c' } },
      });
    });

    it('records no keys, headers, bodies and request contexts', async () => {
      const { RequestContext } = await import('@mastra/core/request-context');
      const requestContext = new RequestContext([['token', 'S3CRET']] as never);
      own.models.answer([calls('A'), { status: 400, message: 'nope' }]);
      const modelSettings = { temperature: 0.5, headers: { 'x-own': 'S3CRET' } };
      await rejection(agent().generate('Hi', { requestContext, modelSettings } as never));
      expect(own.models.calls[0]?.headers['x-own'], 'the header is sent').to.equal('S3CRET');
      expect(spans()[1]?.modelParameters).to.deep.equal({ temperature: 0.5, tools: ['w'] });
      expect(own.recorded.text).to.not.match(/S3CRET|retry-after|keep-alive/);
    });
  });

  describe('as a guest', () => {
    it('records a run once if two are registered', async () => {
      own.mastra = own.scene.mastra([new PandaProbeExporter(), new PandaProbeExporter()]);
      await run([calls('A', 'B'), { text: 'Cold.' }]);
      expect(tree()).to.equal(twoTools);
    });

    it('P38 makes no difference while the SDK is disabled', async () => {
      await shutdown();
      init({ enabled: false });
      expect(await run([calls('A'), { text: 'Cold.' }])).to.equal('Cold.');
    });

    it('P38 costs a warning when it fails inside, and the run goes on', async () => {
      const lines = await withBrokenRecording(async () => {
        expect(await run([calls('A'), { text: 'Cold.' }])).to.equal('Cold.');
      });
      expect(lines.join()).to.include('Mastra: an Error was thrown over a span').and.not.include('S3CRET');
    });

    it('flushes when the framework flushes', async () => {
      await run([{ text: 'Cold.' }]);
      await own.mastra.shutdown();
      expect(own.recorded.traces).to.have.lengthOf(1);
      expect(getClient().stats().pending).to.equal(0);
    });
  });
});
