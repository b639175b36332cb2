import { fileURLToPath } from 'node:url';
import type * as SDK from '@anthropic-ai/claude-agent-sdk';
import { expect } from 'chai';
import OpenAI from 'openai';
import { recorderOf } from '../../lib/client/recording/client-parts.js';
import type { SpanView } from '../../lib/client/sinks/trace-view.js';
import { emptyFrame } from '../../lib/engine/frame.js';
import { getClient, init, shutdown, withSpan, withTrace } from '../../lib/index.js';
import {
  ClaudeAgentSDKAdapter,
  type FrameworkOptions,
  unwrap,
  wrapClaudeAgentQuery,
  wrapClaudeAgentSDK,
} from '../../lib/integrations/claude-agent-sdk.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { type Recorded, record, rejection, stopRecording } from '../support/recorded.js';
import { type FakeModels, startModels } from './support/fake-models.js';
import { needFrameworks } from './support/installed.js';
import { statusTree } from './support/status-tree.js';

/** What a span holds is read as it comes. */
// biome-ignore lint/suspicious/noExplicitAny: messages are compared, not used
type Loose = SpanView & { readonly input?: any; readonly output?: any };

/** The program itself, and the same in this process, which is quicker. */
const program = new URL('./support/claude-cli.mjs', import.meta.url);
const asProcess: SDK.Options = { pathToClaudeCodeExecutable: fileURLToPath(program) };

describe('wrapClaudeAgentQuery()', () => {
  let sdk: typeof SDK;
  let z: typeof import('zod').z;
  let spawnCli: () => SDK.SpawnedProcess;
  let recorded: Recorded;

  before(async function () {
    needFrameworks(this);
    sdk = await import('@anthropic-ai/claude-agent-sdk');
    ({ z } = await import('zod'));
    ({ spawnCli } = await import(program.href));
  });
  beforeEach(() => {
    recorded = record();
  });
  afterEach(() => stopRecording());

  const wrapped = (options?: FrameworkOptions) => wrapClaudeAgentQuery(sdk.query, options);
  const settings = (more: SDK.Options = {}): SDK.Options => ({
    ...asProcess,
    ...(more !== asProcess && { spawnClaudeCodeProcess: spawnCli }),
    ...more,
  });
  /** What the query tells, by type. */
  const run = async (prompt: Parameters<typeof SDK.query>[0]['prompt'], more?: SDK.Options, query = wrapped()) => {
    const types: string[] = [];
    for await (const message of query({ prompt, options: settings(more) })) types.push(message.type);
    return types;
  };
  const tree = () => statusTree(recorded.traces);
  const spans = () => recorded.spans as readonly Loose[];
  const named = (name: string) => spans().find((span) => span.name === name) as Loose;
  const user = (content: string): SDK.SDKUserMessage => ({
    ...{ type: 'user', parent_tool_use_id: null, session_id: '' },
    message: { role: 'user', content },
  });

  it('records two tools at once and the answer, in a trace of its own, each token once', async () => {
    const bare = await run('plain', asProcess, sdk.query);
    expect(await run('plain', asProcess)).to.deep.equal(bare);
    expect(tree()).to.equal(
      [
        'ClaudeAgentSDK COMPLETED',
        '  ClaudeAgentSDK CHAIN OK',
        '    ClaudeAgentSDK AGENT claude-x OK',
        '      claude-llm LLM claude-x 130+1 OK',
        '      w TOOL OK',
        '      w TOOL OK',
        '      claude-llm LLM claude-x 130+29 OK',
      ].join('\n'),
    );
    const [chain, agent, asked, first, second, answered] = spans();
    expect(asked?.input).to.deep.equal({ messages: [{ role: 'user', content: 'plain' }] });
    expect(asked?.output.messages[0].content).to.equal('let me see');
    expect(asked?.output.messages[0].tool_calls).to.have.lengthOf(2);
    expect(asked?.metadata.reasoning_summary).to.equal('hmm');
    expect([first?.input, first?.output, second?.output]).to.deep.equal([{ city: 'A' }, '20 A', '20 B']);
    expect(answered?.input.messages.map(({ role }: { role: string }) => role)).to.deep.equal([
      ...['user', 'assistant', 'tool', 'tool'],
    ]);
    for (const outer of [chain, agent]) {
      expect(outer?.input).to.deep.equal(asked?.input);
      expect(outer?.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'Hello' }] });
    }
    expect(recorded.trace.input).to.deep.equal({ messages: [{ role: 'user', content: 'plain' }] });
    expect(recorded.trace.output).to.deep.equal(agent?.output);
    expect(recorded.trace.sessionId).to.equal('sess-1');
    expect(agent?.cost).to.deep.equal({ total: 0.0123 });
    expect(agent?.metadata).to.deep.include({ num_turns: 2, tools: ['w', 'Task'] });
    // A call is over when its tools begin.
    expect(asked?.endedAt?.getTime()).to.be.at.most(first?.startedAt.getTime() ?? 0);
    expect(answered?.startedAt.getTime()).to.be.at.least(second?.startedAt.getTime() ?? Number.NaN);
    expect(recorded.text).to.not.include('S3CRET');
  });

  /** A turn with so many sub-agents. */
  const withSubAgents = (count: number) =>
    [
      'ClaudeAgentSDK COMPLETED',
      '  ClaudeAgentSDK CHAIN OK',
      '    ClaudeAgentSDK AGENT claude-x OK',
      '      claude-llm LLM claude-x 130+1 OK',
      ...Array.from({ length: count }, () => [
        '      Task TOOL OK',
        '        researcher AGENT claude-x OK',
        '          claude-llm LLM claude-x 130+1 OK',
        '          w TOOL OK',
        '          claude-llm LLM claude-x 130+1 OK',
      ]).flat(),
      '      claude-llm LLM claude-x 130+29 OK',
    ].join('\n');

  it('records a sub-agent that no hook tells of, below the tool that it is', async () => {
    await run('unhookedSub');
    expect(tree()).to.equal(withSubAgents(1));
  });

  for (const turn of ['sub', 'swapped'])
    it(`records sub-agents below the tools that they are, two at once (${turn})`, async () => {
      await run(turn);
      expect(tree()).to.equal(withSubAgents(2));
      const researchers = spans().filter(({ name }) => name === 'researcher');
      expect(
        researchers.map(({ input, output }) => [input.messages[0].content, output.messages[0].content]),
      ).to.deep.equal([
        ['find 1', 'found 1'],
        ['find 2', 'found 2'],
      ]);
      for (const { spanId, input } of researchers) {
        const tool = spans().find(({ parentSpanId, kind }) => parentSpanId === spanId && kind === 'TOOL');
        expect(tool?.input.city).to.equal(input.messages[0].content.replace('find ', 'C'));
      }
    });

  it('has the exact count and the time of the first token of partial messages', async () => {
    await run('partial', { includePartialMessages: true });
    expect(tree()).to.match(/\n {6}claude-llm LLM claude-x 130\+9 OK$/);
    expect(named('claude-llm').completionStartTime).to.be.instanceOf(Date);
    expect(named('claude-llm').output.messages[0].content).to.equal('Hello');
  });

  it('records each turn of a query as a trace, with what that turn has cost', async () => {
    const query = wrapped();
    let next = (): void => {};
    const prompt = async function* () {
      yield user('plain');
      await new Promise<void>((resolve) => {
        next = resolve;
      });
      yield user('partial');
    };
    for await (const { type } of query({ prompt: prompt(), options: settings() })) if (type === 'result') next();
    expect(recorded.traces.map(({ name, sessionId, input }) => [name, sessionId, input])).to.deep.equal(
      ['plain', 'partial'].map((content) => [
        ...['ClaudeAgentSDK', 'sess-1', { messages: [{ role: 'user', content }] }],
      ]),
    );
    expect(spans().flatMap(({ cost }) => cost?.total ?? [])).to.deep.equal([0.0123, 0.0123]);
    const last = spans().findLast(({ kind }) => kind === 'LLM');
    expect(last?.input.messages.at(-2)).to.deep.equal({ role: 'assistant', content: 'Hello' }); // of the turn before
  });

  describe('where something goes wrong', () => {
    it('records a tool that fails as ERROR, and the turn as what it became', async () => {
      await run('toolError');
      expect(tree()).to.match(/^ClaudeAgentSDK COMPLETED\n.*OK\n.*OK\n.*OK\n {6}w TOOL ERROR\n.*LLM.*OK$/);
      expect(named('w').error).to.equal('tool broke');
    });

    it('records a tool that is not allowed as ERROR, and one that no hook tells of', async () => {
      await run('denied');
      expect([named('w').status, named('w').error]).to.deep.equal(['ERROR', 'not allowed']);
      expect(named('ClaudeAgentSDK').status).to.equal('OK');
      recorded.memory.clear();
      await run('unhooked');
      expect([named('w').status, named('w').input, named('w').output]).to.deep.equal(['OK', { city: 'A' }, '20']);
    });

    it('records a call that fails as ERROR from the trace down to it, with no model and no tokens', async () => {
      // The SDK throws what the program ends with.
      await run('error').catch(() => {});
      expect(tree()).to.equal(
        [
          'ClaudeAgentSDK ERROR',
          '  ClaudeAgentSDK CHAIN ERROR',
          '    ClaudeAgentSDK AGENT ERROR',
          '      claude-llm LLM ERROR',
        ].join('\n'),
      );
      expect(named('claude-llm').error).to.equal('invalid_request: API Error: 400');
      expect(recorded.trace.metadata.error).to.equal('API Error: 400');
    });

    it('records too many turns as far as they came', async () => {
      await run('maxTurns').catch(() => {});
      expect(tree()).to.match(/^ClaudeAgentSDK ERROR\n.*CHAIN ERROR\n.*AGENT claude-x ERROR\n.*LLM.*OK\n.*w TOOL OK$/);
      expect(recorded.trace.metadata.error).to.equal('error_max_turns: too many');
    });

    it('records a program that dies as ERROR', async () => {
      const error = await rejection(run('exit', asProcess));
      expect(tree()).to.match(
        /^ClaudeAgentSDK ERROR\n.*CHAIN ERROR\n.*AGENT claude-x ERROR\n.*LLM claude-x 130\+1 OK$/,
      );
      expect(recorded.trace.metadata.error).to.include(error.message);
    });

    it('records a query that its reader breaks off, or that is closed, as incomplete', async () => {
      for (const isClosed of [false, true]) {
        const query = wrapped()({ prompt: 'hang', options: settings() });
        for await (const { type } of query) {
          if (type !== 'assistant') continue;
          if (isClosed) query.close();
          break;
        }
      }
      const one = /^ClaudeAgentSDK COMPLETED\n.*CHAIN OK\n.*AGENT claude-x OK\n {6}claude-llm LLM claude-x 130\+1 OK$/;
      expect(recorded.traces).to.have.lengthOf(2);
      for (const trace of recorded.traces) expect(statusTree([trace])).to.match(one);
      for (const { metadata } of spans()) expect(metadata.stream_incomplete).to.equal(true);
    });

    it('records a query that is aborted or interrupted as aborted, not as an error', async () => {
      const abortController = new AbortController();
      const query = wrapped()({ prompt: 'hang', options: { ...asProcess, abortController } });
      await rejection(
        (async () => {
          for await (const { type } of query) if (type === 'assistant') abortController.abort();
        })(),
      );
      const prompt = async function* () {
        yield user('hang');
      };
      const other = wrapped()({ prompt: prompt(), options: settings() });
      await (async () => {
        for await (const { type } of other) {
          if (type === 'assistant') await other.interrupt();
          if (type === 'result') break;
        }
      })();
      expect(recorded.traces.map(({ status }) => status)).to.deep.equal(['COMPLETED', 'COMPLETED']);
      for (const { name, metadata } of spans()) {
        if (name === 'ClaudeAgentSDK') expect(metadata.aborted).to.equal(true);
      }
    });
  });

  describe('in the program', () => {
    let models: FakeModels;
    before(async () => {
      models = await startModels();
    });
    after(() => models?.[Symbol.asyncDispose]());

    it('nests the spans and clients of a tool in this process in it, in a trace that is there already', async () => {
      const openai = wrapOpenAI(new OpenAI({ baseURL: models.url, apiKey: 'k', maxRetries: 0 }));
      const ask = () =>
        openai.chat.completions.create({ model: 'gpt-x', messages: [{ role: 'user', content: 'in a tool' }] });
      const { createSdkMcpServer, query, tool } = wrapClaudeAgentSDK(sdk);
      const w = tool('w', 'Weather', { city: z.string() }, async ({ city }) => {
        await withSpan(`lookup ${city}`, () => ask());
        return { content: [{ type: 'text', text: '20' }] };
      });
      const srv = createSdkMcpServer({ name: 'srv', version: '1.0.0', tools: [w] });
      await withTrace('mine', async () => {
        await withSpan('before', () => {});
        await run('own', { mcpServers: { srv } }, query);
        await withSpan('after', () => {});
      });
      expect(tree().replace(/ \d\d\+5/g, '')).to.equal(
        [
          'mine COMPLETED',
          '  before OTHER OK',
          '  ClaudeAgentSDK CHAIN OK',
          '    ClaudeAgentSDK AGENT claude-x OK',
          '      claude-llm LLM claude-x 130+1 OK',
          ...['A', 'B'].flatMap((city) => [
            '      mcp__srv__w TOOL OK',
            `        lookup ${city} OTHER OK`,
            '          openai-chat LLM gpt-x-2026 OK',
          ]),
          '      claude-llm LLM claude-x 130+29 OK',
          '  after OTHER OK',
        ].join('\n'),
      );
    });

    it('puts two queries at once into two traces', async () => {
      await Promise.all([run('plain'), run('plain')]);
      const [first, second, ...more] = tree().split(/\n(?=\S)/);
      expect(more).to.deep.equal([]);
      expect(first?.split('\n')).to.have.lengthOf(7);
      expect(first).to.equal(second);
    });

    it('keeps the hooks, options and methods of the user', async () => {
      const heard: string[] = [];
      const hook: SDK.HookCallback = async ({ hook_event_name: name }) => {
        heard.push(name);
        return {};
      };
      const options = settings({ hooks: { PreToolUse: [{ matcher: 'w', hooks: [hook] }] } });
      const before = structuredClone(Object.keys(options.hooks ?? {}));
      const query = wrapped()({ prompt: 'plain', options });
      for (const name of ['interrupt', 'setPermissionMode', 'setModel', 'supportedModels', 'close'] as const) {
        expect(query[name]).to.be.a('function');
      }
      expect(await query.supportedModels()).to.deep.equal([]);
      for await (const _ of query);
      expect(heard).to.deep.equal(['PreToolUse', 'PreToolUse']);
      expect(Object.keys(options.hooks ?? {})).to.deep.equal(before);
      expect(options.hooks?.PreToolUse).to.have.lengthOf(1);
    });

    it('records a query of a program that was started before', async () => {
      const warm = await wrapClaudeAgentSDK(sdk).startup({ options: settings() });
      for await (const _ of warm.query('plain'));
      expect(recorded.spans).to.have.lengthOf(6);
    });

    it('adds whose the trace is, and leaves out what it is told to', async () => {
      const query = wrapped({
        ...{ sessionId: 's', userId: 'u', tags: ['a'], metadata: { team: 'b' } },
        ...{ captureInput: false, captureOutput: false },
      });
      await run('plain S3CRET', {}, query);
      const { sessionId, userId, tags, metadata, input, output } = recorded.trace;
      expect({ sessionId, userId, tags, metadata, input, output }).to.deep.equal({
        ...{ sessionId: 's', userId: 'u', tags: ['a'], metadata: { team: 'b' } },
        ...{ input: undefined, output: undefined },
      });
      for (const span of recorded.spans) expect([span.input, span.output]).to.deep.equal([undefined, undefined]);
      expect(recorded.text).to.not.match(/S3CRET|Hello/);
    });

    it('has no cost estimated that the query tells of', async () => {
      await shutdown();
      recorded = record({ estimateCost: () => 1 });
      await run('plain');
      expect(spans().flatMap(({ cost }) => cost?.total ?? [])).to.deep.equal([0.0123]);
    });
  });

  describe('as a guest', () => {
    it('records once what is wrapped twice, and gives back what was wrapped', async () => {
      const once = wrapped();
      expect(wrapClaudeAgentQuery(once)).to.equal(once);
      expect(new ClaudeAgentSDKAdapter().wrapQuery(once)).to.equal(once);
      expect(wrapClaudeAgentSDK(wrapClaudeAgentSDK(sdk)).query).to.be.a('function');
      await run('plain', {}, wrapClaudeAgentSDK(wrapClaudeAgentSDK(sdk)).query);
      expect(recorded.traces).to.have.lengthOf(1);
      expect(unwrap(once)).to.equal(sdk.query);
      expect(unwrap(wrapClaudeAgentSDK(sdk))).to.equal(sdk);
      expect(unwrap(sdk)).to.equal(sdk);
    });

    it('asks the sampling once for each turn', async () => {
      await shutdown();
      recorded = record({ sampleRate: 0 });
      await run('plain');
      expect(recorded.traces).to.deep.equal([]);
      expect(getClient().stats().droppedByReason).to.deep.equal({ sampled: 1 });
    });

    it('P38 makes no difference while the SDK is disabled', async () => {
      await shutdown();
      init({ enabled: false });
      expect(await run('plain')).to.deep.equal(await run('plain', {}, sdk.query));
    });

    it('P38 costs a warning when it fails inside, and the query goes on', async () => {
      const lines: string[] = [];
      const write = process.stderr.write;
      process.stderr.write = ((line: string) => lines.push(line) > 0) as typeof write;
      try {
        const now = () => {
          throw new Error('S3CRET');
        };
        Object.assign(recorderOf(getClient(), emptyFrame) ?? {}, { clock: { now } });
        expect((await run('plain')).at(-1)).to.equal('result');
      } finally {
        process.stderr.write = write;
      }
      expect(lines.filter((line) => line.startsWith('[pandaprobe]'))).to.not.deep.equal([]);
      expect(lines.join()).to.not.include('S3CRET');
    });
  });
});
