import type * as ADK from '@google/adk';
import { expect } from 'chai';
import OpenAI from 'openai';
import type { SpanView } from '../../lib/client/sinks/trace-view.js';
import { init, shutdown, withSpan, withTrace } from '../../lib/index.js';
import { type FrameworkOptions, GoogleADKAdapter } from '../../lib/integrations/google-adk.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { type Recorded, record, stopRecording } from '../support/recorded.js';
import { stderrOf } from '../support/stderr.js';
import { withBrokenRecording } from './support/broken-recording.js';
import { type FakeModels, type ModelReply, startModels } from './support/fake-models.js';
import { needFrameworks } from './support/installed.js';
import { statusTree } from './support/status-tree.js';

/** What a span holds is read as it comes. */
// biome-ignore lint/suspicious/noExplicitAny: messages are compared, not used
type Loose = SpanView & { readonly input?: any; readonly output?: any };

/** What the model asks for: the tool w, for these cities. */
const calls = (...cities: string[]): ModelReply => ({
  tools: cities.map((city, i) => ({ id: `t${i}`, name: 'w', args: { city } })),
});
const call = (name: string, args: object): ModelReply => ({ tools: [{ id: 't', name, args }] });

describe('GoogleADKAdapter', () => {
  let adk: typeof ADK;
  let z: typeof import('zod').z;
  let models: FakeModels;
  let recorded: Recorded;
  let adapter: GoogleADKAdapter;
  /** Any client of the program's own. */
  let openai: OpenAI;
  /** What the tool w does beside its answer. */
  let inTool: (city: string) => unknown = () => {};
  const variables = { ...process.env };

  before(async function () {
    needFrameworks(this);
    models = await startModels();
    process.env.GOOGLE_GEMINI_BASE_URL = models.url.replace('/v1', '');
    process.env.GOOGLE_GENAI_API_KEY = 'k';
    adk = await import('@google/adk');
    adk.setLogLevel(adk.LogLevel.ERROR);
    ({ z } = await import('zod'));
    openai = wrapOpenAI(new OpenAI({ baseURL: models.url, apiKey: 'k', maxRetries: 0 }));
  });
  after(async () => {
    for (const name of ['GOOGLE_GEMINI_BASE_URL', 'GOOGLE_GENAI_API_KEY']) {
      if (variables[name] === undefined) delete process.env[name];
      else process.env[name] = variables[name];
    }
    await models?.[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    recorded = record();
    inTool = () => {};
    instrument();
  });
  afterEach(async () => {
    adapter?.uninstrument(adk);
    await stopRecording();
  });

  function instrument(options: FrameworkOptions = {}): void {
    adapter = new GoogleADKAdapter(options);
    expect(adapter.instrument(adk)).to.equal(true);
  }

  const tree = () => statusTree(recorded.traces);
  const spans = () => recorded.spans as readonly Loose[];
  const w = () =>
    new adk.FunctionTool({
      ...{ name: 'w', description: 'Weather', parameters: z.object({ city: z.string() }) },
      execute: async ({ city }) => {
        await inTool(city);
        return { city, degrees: 3 };
      },
    });
  const agent = (name: string, more: object = {}) =>
    new adk.LlmAgent({ name, model: 'gemini-x', instruction: 'Be brief.', description: 'Helps', ...more });
  const boss = (more: object = {}) => agent('boss', { tools: [w()], ...more });
  /** The events of a run whose model answers so. */
  const events = (root: ADK.BaseAgent, replies: Parameters<FakeModels['answer']>[0], more: object = {}) => {
    models.answer(replies);
    return start(root, more);
  };
  const start = async function* (root: ADK.BaseAgent, more: object = {}, text = 'How warm is it?') {
    const runner = new adk.InMemoryRunner({ agent: root, appName: 'app' });
    const { id } = await runner.sessionService.createSession({ appName: 'app', userId: 'u-1', sessionId: 's-1' });
    const newMessage = { role: 'user', parts: [{ text }] };
    yield* runner.runAsync({ userId: 'u-1', sessionId: id, newMessage, ...more });
  };
  const run = async (...args: Parameters<typeof events>) => {
    const texts: string[] = [];
    for await (const { content } of events(...args))
      texts.push(content?.parts?.map(({ text }) => text ?? '').join('') ?? '');
    return texts.filter((text) => text !== '').at(-1);
  };
  /** What the trees count in all, beside what the server has. */
  const expectTokensOnce = () => {
    const sum = (name: 'prompt_tokens' | 'completion_tokens') =>
      recorded.spans.reduce((all, { tokenUsage }) => all + (tokenUsage?.[name] ?? 0), 0);
    expect({ prompt: sum('prompt_tokens'), completion: sum('completion_tokens') }).to.deep.equal(models.counted);
  };
  const twoTools = [
    'GoogleADK COMPLETED',
    '  app CHAIN OK',
    '    boss AGENT OK',
    '      gemini-x LLM gemini-x 10+5 OK',
    '      w TOOL OK',
    '      w TOOL OK',
    '      gemini-x LLM gemini-x 11+5 OK',
  ].join('\n');

  it('records two tools and the answer, in a trace of its own, each token once', async () => {
    expect(await run(boss(), [calls('A', 'B'), { text: 'Cold.' }])).to.equal('Cold.');
    expect(tree()).to.equal(twoTools);
    expectTokensOnce();
    const [chain, outer, asked, first, , answered] = spans();
    expect([first?.input, first?.output]).to.deep.equal([{ city: 'A' }, { city: 'A', degrees: 3 }]);
    expect(asked?.input.messages.map(({ role }: { role: string }) => role)).to.deep.equal(['system', 'user']);
    expect(asked?.output.messages[0].tool_calls).to.have.lengthOf(2);
    expect(answered?.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'Cold.' }] });
    for (const each of [chain, outer, recorded.trace]) {
      expect(each?.input).to.deep.equal({ messages: [{ role: 'user', content: 'How warm is it?' }] });
      expect(each?.output).to.deep.equal(answered?.output);
    }
    expect([recorded.trace.sessionId, recorded.trace.userId]).to.deep.equal(['s-1', 'u-1']);
  });

  it('records a streamed run alike, with times of first tokens, and counts the trailing usage once', async () => {
    const runConfig = { streamingMode: adk.StreamingMode.SSE };
    await run(boss(), [{ text: 'Let me see.', ...calls('A', 'B') }, { text: 'Cold.' }], { runConfig });
    expect(tree()).to.equal(twoTools);
    expectTokensOnce();
    for (const { kind, completionStartTime } of spans()) {
      if (kind === 'LLM') expect(completionStartTime).to.be.instanceOf(Date);
    }
    expect(spans().at(-1)?.output.messages[0].content).to.equal('Cold.');
  });

  describe('with other agents', () => {
    it('records an agent that is a tool below the tool, with its model call', async () => {
      const helper = new adk.AgentTool({ agent: agent('helper') });
      await run(boss({ tools: [helper] }), [call('helper', { request: 'q' }), { text: 'Help.' }, { text: 'Done.' }]);
      expect(tree()).to.equal(
        [
          'GoogleADK COMPLETED',
          '  app CHAIN OK',
          '    boss AGENT OK',
          '      gemini-x LLM gemini-x 10+5 OK',
          '      helper TOOL OK',
          '        helper AGENT OK',
          '          gemini-x LLM gemini-x 11+5 OK',
          '      gemini-x LLM gemini-x 12+5 OK',
        ].join('\n'),
      );
      expectTokensOnce();
      expect(spans().find(({ name }) => name === 'helper')?.output).to.equal('Help.');
    });

    it('shows the runner of an agent that is a tool with showInternals', async () => {
      instrument({ showInternals: true });
      const helper = new adk.AgentTool({ agent: agent('helper') });
      await run(boss({ tools: [helper] }), [call('helper', { request: 'q' }), { text: 'Help.' }, { text: 'Done.' }]);
      expect(tree()).to.include('      helper TOOL OK\n        helper CHAIN OK\n          helper AGENT OK');
    });

    it('records an agent that takes over below the agent that hands over', async () => {
      const root = boss({ tools: [], subAgents: [agent('helper')] });
      await run(root, [call('transfer_to_agent', { agentName: 'helper' }), { text: 'Help.' }]);
      expect(tree()).to.equal(
        [
          'GoogleADK COMPLETED',
          '  app CHAIN OK',
          '    boss AGENT OK',
          '      gemini-x LLM gemini-x 10+5 OK',
          '      transfer_to_agent TOOL OK',
          '      helper AGENT OK',
          '        gemini-x LLM gemini-x 11+5 OK',
        ].join('\n'),
      );
      expect(recorded.trace.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'Help.' }] });
    });

    it('keeps agents that run side by side apart', async () => {
      const both = new adk.ParallelAgent({ name: 'both', subAgents: [agent('one'), agent('two')] });
      await run(both, [{ text: '1' }, { text: '2' }]);
      expect(tree().replace(/1\d\+5/g, '')).to.equal(
        [
          'GoogleADK COMPLETED',
          '  app CHAIN OK',
          '    both AGENT OK',
          ...['one', 'two'].map((name) => `      ${name} AGENT OK`),
        ]
          .flatMap((line) => (/one|two/.test(line) ? [line, '        gemini-x LLM gemini-x  OK'] : [line]))
          .join('\n'),
      );
      expectTokensOnce();
    });
  });

  describe('where something goes wrong', () => {
    it('records a tool that throws as ERROR, and the run as what it became', async () => {
      inTool = () => Promise.reject(new Error('tool broke'));
      expect(await run(boss(), [calls('A'), { text: 'No luck.' }])).to.equal('No luck.');
      expect(tree()).to.match(/^GoogleADK COMPLETED\n.*CHAIN OK\n.*AGENT OK\n.*OK\n {6}w TOOL ERROR\n.*OK$/);
      expect(spans().find(({ name }) => name === 'w')?.error).to.include('tool broke');
    });

    it('records a model that fails as ERROR from the trace down to the call', async () => {
      await run(boss(), [{ status: 400, message: 'bad' }]);
      expect(tree()).to.equal(
        ['GoogleADK ERROR', '  app CHAIN ERROR', '    boss AGENT ERROR', '      gemini-x LLM gemini-x ERROR'].join(
          '\n',
        ),
      );
      expect(spans().at(-1)?.error).to.equal('ApiError: bad');
      expect(recorded.trace.metadata.error).to.equal('bad');
    });

    it('records an empty or cut answer as an answer, not as an error', async () => {
      await run(agent('boss'), [{}]);
      const runConfig = { streamingMode: adk.StreamingMode.SSE };
      await run(agent('boss'), [{ text: 'It is co', reason: 'MAX_TOKENS' }], { runConfig });
      for (const { status, spans } of recorded.traces) {
        expect([status, ...spans.map(({ status }) => status)]).to.deep.equal(['COMPLETED', 'OK', 'OK', 'OK']);
      }
      const { output, metadata } = spans().at(-1) ?? {};
      expect(output).to.deep.equal({ messages: [{ role: 'assistant', content: 'It is co' }] });
      expect(metadata?.finish_reason).to.equal('MAX_TOKENS');
    });

    it('records a run whose reader breaks off as incomplete, not as an error', async () => {
      for await (const _ of events(boss(), [calls('A'), { text: 'Cold.' }])) break;
      expect(tree()).to.match(/^GoogleADK COMPLETED\n.*CHAIN OK\n.*AGENT OK\n {6}gemini-x LLM gemini-x 10\+5 OK$/);
      for (const { kind, metadata } of spans()) if (kind !== 'LLM') expect(metadata.incomplete).to.equal(true);
    });

    it('records a stream that its reader breaks off with what there was of it', async () => {
      const runConfig = { streamingMode: adk.StreamingMode.SSE };
      for await (const _ of events(boss(), [{ text: 'Hello', chunkDelay: 5 }], { runConfig })) break;
      expect(tree()).to.match(/^GoogleADK COMPLETED\n.*CHAIN OK\n.*AGENT OK\n {6}gemini-x LLM gemini-x OK$/);
      expect(spans().at(-1)?.metadata.stream_incomplete).to.equal(true);
      expect(spans().at(-1)?.output.messages[0].content).to.equal('He');
    });

    it('records a run that is aborted as aborted, not as an error', async () => {
      const abort = new AbortController();
      inTool = () => abort.abort();
      await run(boss(), [calls('A'), { text: 'Cold.' }], { abortSignal: abort.signal });
      expect(tree()).to.match(/^GoogleADK COMPLETED\n.*CHAIN OK\n.*AGENT OK\n.*LLM.*OK\n {6}w TOOL OK/);
      for (const { metadata } of spans().slice(0, 2)) expect(metadata.aborted).to.equal(true);
    });

    it('marks a model call that a callback has answered as skipped', async () => {
      const beforeModelCallback = () => ({ content: { role: 'model', parts: [{ text: 'Canned.' }] } });
      expect(await run(boss({ beforeModelCallback }), [])).to.equal('Canned.');
      expect(spans().at(-1)?.metadata.skipped).to.equal(true);
      expect(models.calls).to.deep.equal([]);
    });
  });

  for (const isLeft of [false, true]) {
    const how = isLeft ? 'that its reader leaves there' : 'to its end';
    it(`records a run that asks its user for an approval as interrupted, ${how}, and the run that goes on`, async () => {
      const ask = new adk.FunctionTool({
        ...{ name: 'w', description: 'Weather', parameters: z.object({ city: z.string() }), requireConfirmation: true },
        execute: async ({ city }) => ({ city, degrees: 3 }),
      });
      const runner = new adk.InMemoryRunner({ agent: boss({ tools: [ask] }), appName: 'app' });
      const { id: sessionId } = await runner.sessionService.createSession({ appName: 'app', userId: 'u-1' });
      const go = (part: object) =>
        runner.runAsync({ userId: 'u-1', sessionId, newMessage: { role: 'user', parts: [part] } });
      models.answer([calls('A'), { text: 'Cold.' }]);
      let asked: { id?: string; name?: string } = {};
      for await (const { content } of go({ text: 'How warm is it?' })) {
        const [{ functionCall = {} } = {}] = content?.parts ?? [];
        if (functionCall.name !== 'adk_request_confirmation') continue;
        asked = functionCall;
        if (isLeft) break;
      }
      const { id, name } = asked;
      for await (const _ of go({ functionResponse: { id, name, response: { confirmed: true } } }));
      const [first, second] = recorded.traces;
      expect(tree()).to.not.include('ERROR');
      for (const each of [first, first?.spans[0], first?.spans[1]] as readonly Loose[]) {
        expect(each.metadata.interrupted).to.equal(true);
        expect(each.metadata).to.not.have.property('incomplete');
        expect(each.output.messages[0].tool_calls[0].function.name).to.equal('adk_request_confirmation');
      }
      expect(second?.metadata).to.not.have.property('interrupted');
      expect(second?.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'Cold.' }] });
    });
  }

  describe('in the program', () => {
    it('nests the spans and clients of a tool in it, in a trace that is there already', async () => {
      const ask = () =>
        openai.chat.completions.create({ model: 'gpt-x', messages: [{ role: 'user', content: 'in a tool' }] });
      inTool = (city) => withSpan(`lookup ${city}`, () => ask());
      await withTrace('mine', async () => {
        await withSpan('before', () => {});
        await run(boss(), ({ contents }) => {
          if (contents === undefined) return { text: 'x' };
          return (contents as readonly unknown[]).length > 1 ? { text: 'Cold.' } : calls('A', 'B');
        });
        await withSpan('after', () => ask());
      });
      expect(tree().replace(/ \d\d\+5/g, '')).to.equal(
        [
          'mine COMPLETED',
          '  before OTHER OK',
          '  app CHAIN OK',
          '    boss AGENT OK',
          '      gemini-x LLM gemini-x OK',
          ...['A', 'B'].flatMap((city) => [
            '      w TOOL OK',
            `        lookup ${city} OTHER OK`,
            '          openai-chat LLM gpt-x-2026 OK',
          ]),
          '      gemini-x LLM gemini-x OK',
          '  after OTHER OK',
          '    openai-chat LLM gpt-x-2026 OK',
        ].join('\n'),
      );
      expectTokensOnce();
    });

    it('puts two runs at once into two traces', async () => {
      models.answer(({ contents }) => ((contents as readonly unknown[]).length > 1 ? { text: 'Cold.' } : calls('A')));
      const drained = async (text: string) => {
        for await (const _ of start(boss(), {}, text));
      };
      await Promise.all([drained('one'), drained('two')]);
      const [first, second, ...more] = tree()
        .replace(/\d+\+/g, '')
        .split(/\n(?=\S)/);
      expect(more).to.deep.equal([]);
      expect(first?.split('\n')).to.have.lengthOf(6);
      expect(first).to.equal(second);
      expectTokensOnce();
    });

    it('records the session, user, tags and metadata of its options, no values if they say so, and never a secret', async () => {
      instrument({
        ...{ sessionId: 's', userId: 'u', tags: ['a'], metadata: { team: 'b' } },
        ...{ captureInput: false, captureOutput: false },
      });
      const generateContentConfig = { httpOptions: { headers: { 'x-key': 'S3CRET' } }, labels: { who: 'S3CRET' } };
      await run(boss({ generateContentConfig }), [calls('A'), { text: 'Cold.' }]);
      const { sessionId, userId, tags, metadata, input, output } = recorded.trace;
      expect({ sessionId, userId, tags, metadata, input, output }).to.deep.equal({
        ...{ sessionId: 's', userId: 'u', tags: ['a'], metadata: { team: 'b' } },
        ...{ input: undefined, output: undefined },
      });
      for (const span of recorded.spans) expect([span.input, span.output]).to.deep.equal([undefined, undefined]);
      expect(recorded.text).to.not.match(/S3CRET|How warm|Cold/);
    });
  });

  describe('as a guest', () => {
    it('records once what is instrumented twice, and nothing once it is taken off', async () => {
      const original = (): unknown => Object.getOwnPropertyDescriptor(adk.Runner.prototype, 'runAsync')?.value;
      instrument();
      const covered = original();
      await run(boss(), [{ text: 'x' }]);
      expect(recorded.traces).to.have.lengthOf(1);
      expect(adapter.uninstrument(adk)).to.equal(true);
      expect(adapter.uninstrument(adk)).to.equal(false);
      expect(original()).to.not.equal(covered);
      await run(boss(), [{ text: 'x' }]);
      expect(recorded.traces).to.have.lengthOf(1);
    });

    it('warns if another module is passed', async () => {
      const lines = await stderrOf(async () => {
        expect(new GoogleADKAdapter().instrument({} as never)).to.equal(false);
        expect(new GoogleADKAdapter().instrument(undefined as never)).to.equal(false);
      });
      expect(lines[0]).to.include('expected the module @google/adk');
    });

    it('P38 makes no difference while the SDK is disabled', async () => {
      await shutdown();
      init({ enabled: false });
      expect(await run(boss(), [calls('A'), { text: 'x' }])).to.equal('x');
    });

    it('P38 costs a warning when it fails inside, and the run goes on', async () => {
      const lines = await withBrokenRecording(async () => {
        expect(await run(boss(), [calls('A'), { text: 'x' }])).to.equal('x');
      });
      expect(lines.filter((line) => line.startsWith('[pandaprobe]'))).to.not.deep.equal([]);
      expect(lines.join()).to.not.include('S3CRET');
    });
  });
});
