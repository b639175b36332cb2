import type * as Strands from '@strands-agents/sdk';
import { expect } from 'chai';
import OpenAI from 'openai';
import type { SpanView } from '../../lib/client/sinks/trace-view.js';
import { init, shutdown, withSpan, withTrace } from '../../lib/index.js';
import { replyMessage } from '../../lib/integrations/strands/messages.js';
import { type FrameworkOptions, pandaProbePlugin, unwrap } from '../../lib/integrations/strands.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { type Recorded, record, rejection, stopRecording } from '../support/recorded.js';
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

describe('pandaProbePlugin() for Strands', () => {
  let strands: typeof Strands;
  let chat: typeof import('@strands-agents/sdk/models/openai');
  let http: typeof import('@smithy/node-http-handler');
  let z: typeof import('zod').z;
  let models: FakeModels;
  let recorded: Recorded;
  /** Any client of the program's own. */
  let openai: OpenAI;
  /** What the tool w does beside its answer. */
  let inTool: (city: string) => unknown = () => {};

  before(async function () {
    needFrameworks(this);
    strands = await import('@strands-agents/sdk');
    chat = await import('@strands-agents/sdk/models/openai');
    http = await import('@smithy/node-http-handler'); // the client's own asks by HTTP/2
    ({ z } = await import('zod'));
    models = await startModels();
    openai = wrapOpenAI(new OpenAI({ baseURL: models.url, apiKey: 'k', maxRetries: 0 }));
  });
  after(() => models?.[Symbol.asyncDispose]());
  beforeEach(() => {
    recorded = record();
    inTool = () => {};
  });
  afterEach(() => stopRecording());

  const tree = () => statusTree(recorded.traces);
  const spans = () => recorded.spans as readonly Loose[];
  const named = (name: string) => spans().find((span) => span.name === name) as Loose;
  const w = () =>
    strands.tool({
      ...{ name: 'w', description: 'Weather', inputSchema: z.object({ city: z.string() }) },
      callback: async ({ city }) => {
        await inTool(city);
        return { city, degrees: 3 };
      },
    });
  /** Answers in one piece. */
  const bedrock = () =>
    new strands.BedrockModel({
      ...{ modelId: 'br-x', region: 'us-east-1', stream: false },
      clientConfig: {
        ...{ endpoint: models.url.replace('/v1', ''), maxAttempts: 1, requestHandler: new http.NodeHttpHandler() },
        credentials: { accessKeyId: 'S3CRET', secretAccessKey: 'S3CRET' },
      },
    });
  /** Streams, by a client that is wrapped, too: it must be silent. */
  const streaming = () => new chat.OpenAIModel({ api: 'chat', modelId: 'gpt-x', client: openai as never });
  const agent = (name: string, more: Strands.AgentConfig = {}, options: FrameworkOptions = {}) =>
    new strands.Agent({
      ...{ name, model: bedrock(), printer: false, systemPrompt: 'Be brief.', plugins: [pandaProbePlugin(options)] },
      ...more,
    });
  const boss = (more: Strands.AgentConfig = {}, options: FrameworkOptions = {}) =>
    agent('boss', { tools: [w()], ...more }, options);
  const run = async (root: Strands.Agent, replies: Parameters<FakeModels['answer']>[0]) => {
    models.answer(replies);
    return `${await root.invoke('How warm is it?')}`;
  };
  /** What the trees count in all, beside what the server has. */
  const expectTokensOnce = () => {
    const sum = (name: 'prompt_tokens' | 'completion_tokens') =>
      recorded.spans.reduce((all, { tokenUsage }) => all + (tokenUsage?.[name] ?? 0), 0);
    expect({ prompt: sum('prompt_tokens'), completion: sum('completion_tokens') }).to.deep.equal(models.counted);
  };
  it('records two tools at once and the answer, in a trace of its own, each token once', async () => {
    expect(await run(boss(), [calls('A', 'B'), { text: 'Cold.' }])).to.include('Cold.');
    expect(tree()).to.equal(
      [
        'boss COMPLETED',
        '  boss AGENT OK',
        '    br-x LLM br-x 10+5 OK',
        '    w TOOL OK',
        '    w TOOL OK',
        '    br-x LLM br-x 11+5 OK',
      ].join('\n'),
    );
    expectTokensOnce();
    const [outer, asked, first, , answered] = spans();
    expect([first?.input, first?.output]).to.deep.equal([{ city: 'A' }, { city: 'A', degrees: 3 }]);
    expect(asked?.input.messages).to.deep.equal([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'How warm is it?' },
    ]);
    expect(asked?.output.messages[0].tool_calls).to.have.lengthOf(2);
    expect(answered?.input.messages.map(({ role }: { role: string }) => role)).to.deep.equal([
      ...['system', 'user', 'assistant', 'tool', 'tool'],
    ]);
    expect(answered?.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'Cold.' }] });
    for (const each of [outer, recorded.trace]) {
      expect(each?.input).to.deep.equal({ messages: [{ role: 'user', content: 'How warm is it?' }] });
      expect(each?.output).to.deep.equal(answered?.output);
    }
    expect(recorded.text).to.not.include('S3CRET');
  });

  it('records a streamed run alike, with times of first tokens, and no second call of a wrapped client', async () => {
    await run(boss({ model: streaming() }), [calls('A'), { text: 'Cold.' }]);
    expect(tree()).to.equal(
      [
        'boss COMPLETED',
        '  boss AGENT OK',
        '    gpt-x LLM gpt-x 10+5 OK',
        '    w TOOL OK',
        '    gpt-x LLM gpt-x 11+5 OK',
      ].join('\n'),
    );
    expectTokensOnce();
    for (const { kind, completionStartTime } of spans()) {
      if (kind === 'LLM') expect(completionStartTime).to.be.instanceOf(Date);
    }
  });

  it('adds cached tokens to the prompt of the Anthropic model, which counts them separately', async () => {
    const usage = { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 100, cache_creation_input_tokens: 20 };
    const events = [
      { type: 'message_start', message: { role: 'assistant', content: [], usage: { ...usage, output_tokens: 1 } } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Cold.' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage },
      { type: 'message_stop' },
    ];
    const body = events.map((each) => `event: ${each.type}\ndata: ${JSON.stringify(each)}\n\n`).join('');
    const fetch = async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    const { AnthropicModel } = await import('@strands-agents/sdk/models/anthropic');
    const { Anthropic } = await import('@anthropic-ai/sdk');
    const client = new Anthropic({ apiKey: 'k', fetch }) as never;
    const model = new AnthropicModel({ client, modelId: 'claude-x', maxTokens: 10 });
    expect(`${await agent('boss', { model }).invoke('How warm?')}`).to.include('Cold.');
    expect(named('claude-x').tokenUsage).to.deep.equal({
      ...{ prompt_tokens: 130, completion_tokens: 5, total_tokens: 135 },
      ...{ cache_read_tokens: 100, cache_creation_tokens: 20 },
    });
  });

  it('records an agent that is a tool below the tool', async () => {
    await run(boss({ tools: [agent('helper').asTool()] }), [
      { tools: [{ id: 't', name: 'helper', args: { input: 'q' } }] },
      { text: 'Help.' },
      { text: 'Done.' },
    ]);
    expect(tree()).to.equal(
      [
        'boss COMPLETED',
        '  boss AGENT OK',
        '    br-x LLM br-x 10+5 OK',
        '    helper TOOL OK',
        '      helper AGENT OK',
        '        br-x LLM br-x 11+5 OK',
        '    br-x LLM br-x 12+5 OK',
      ].join('\n'),
    );
    expectTokensOnce();
    expect(named('helper').output).to.include('Help.');
  });

  it('records structured output as the tool that the framework makes of it', async () => {
    models.answer([{ tools: [{ id: 't', name: 'strands_structured_output', args: { degrees: 3 } }] }]);
    await boss({ structuredOutputSchema: z.object({ degrees: z.number() }) }).invoke('How warm is it?');
    expect(tree()).to.include('    strands_structured_output TOOL OK');
    expect(named('boss').output).to.deep.equal({ degrees: 3 });
  });

  it('records an answer with citations', () => {
    const source = { location: { type: 'web', url: 'https://a.example' } } as Strands.Citation;
    const data = { citations: [source], content: [{ text: 'It is ' }, { text: 'cold.' }] };
    for (const block of [new strands.CitationsBlock(data), { citations: data }]) {
      expect(replyMessage({ role: 'assistant', content: [block] })).to.deep.equal({
        role: 'assistant',
        content: [{ type: 'text', text: 'It is cold.', citations: [source] }],
      });
    }
  });

  describe('where something goes wrong', () => {
    it('records a tool that throws as ERROR, and the run as what it became', async () => {
      inTool = () => Promise.reject(new Error('tool broke'));
      expect(await run(boss(), [calls('A'), { text: 'No luck.' }])).to.include('No luck.');
      expect(tree()).to.match(/^boss COMPLETED\n.*AGENT OK\n.*OK\n {4}w TOOL ERROR\n.*OK$/);
      expect(named('w').error).to.include('tool broke');
    });

    it('records a model that fails as ERROR from the trace down to the call', async () => {
      const error = await rejection(run(boss(), [{ status: 400, message: 'bad' }]));
      expect(tree()).to.equal(['boss ERROR', '  boss AGENT ERROR', '    br-x LLM br-x ERROR'].join('\n'));
      for (const { error: text } of spans()) expect(text).to.include(error.message);
    });

    it('records a stream that its reader breaks off with what there was of it', async () => {
      models.answer([{ text: 'Hello', chunkDelay: 5 }]);
      for await (const event of boss({ model: streaming() }).stream('Hi')) {
        const { type, event: inner } = event as { type: string; event?: { type: string } };
        if (type === 'modelStreamUpdateEvent' && inner?.type === 'modelContentBlockDeltaEvent') break;
      }
      expect(tree()).to.match(/^boss COMPLETED\n {2}boss AGENT OK\n {4}gpt-x LLM gpt-x OK$/);
      expect(named('boss').metadata.incomplete).to.equal(true);
      expect(named('gpt-x').metadata.stream_incomplete).to.equal(true);
      expect('Hello').to.include(named('gpt-x').output.messages[0].content);
    });

    it('records a run that is cancelled as aborted, not as an error', async () => {
      const root = boss({ model: streaming() });
      models.answer([{ text: 'Hello', hang: true }]);
      for await (const { type } of root.stream('Hi')) if (type === 'modelStreamUpdateEvent') root.cancel();
      expect(tree()).to.match(/^boss COMPLETED\n {2}boss AGENT OK\n {4}gpt-x LLM gpt-x OK$/);
      for (const { metadata } of spans()) expect(metadata.aborted).to.equal(true);
    });
  });

  it('records an agent that waits for its user as interrupted, with its question, and then the answer', async () => {
    const reason = { question: 'really?' };
    const ask = strands.tool({
      ...{ name: 'w', description: 'Weather', inputSchema: z.object({ city: z.string() }) },
      callback: (_, context) => `${(context as Strands.ToolContext).interrupt({ name: 'ok', reason })}`,
    });
    const root = boss({ tools: [ask] });
    models.answer([calls('A'), { text: 'Cold.' }]);
    const [asked] = (await root.invoke('How warm is it?')).interrupts ?? [];
    const answer = { interruptResponse: { interruptId: asked?.id as string, response: 'yes' } };
    await root.invoke([answer]);
    expect(tree()).to.equal(
      [
        ...['boss COMPLETED', '  boss AGENT OK', '    br-x LLM br-x 10+5 OK', '    w TOOL OK'],
        ...['boss COMPLETED', '  boss AGENT OK', '    w TOOL OK', '    br-x LLM br-x 11+5 OK'],
      ].join('\n'),
    );
    const [first, second] = recorded.traces;
    const [outer, , tool] = (first?.spans ?? []) as readonly Loose[];
    for (const each of [first, outer, tool] as readonly Loose[]) {
      expect(each.metadata.interrupted).to.equal(true);
      expect(each.output.interrupts[0]).to.deep.include({ name: 'ok', reason });
    }
    expect(second?.input).to.deep.equal({ messages: [{ role: 'user', content: [answer] }] });
  });

  it('names agents without a name by their ids, such as those of a graph and a swarm', async () => {
    const nodes = ['researcher', 'writer'].map((id) => agent('Strands Agent', { id }));
    models.answer([{ text: 'Cold.' }]);
    await new strands.Graph({ nodes, edges: [['researcher', 'writer']] }).invoke('How warm is it?');
    await agent('Strands Agent').invoke('Hi');
    const names = spans().flatMap(({ kind, name }) => (kind === 'AGENT' ? [name] : []));
    expect(names).to.deep.equal(['researcher', 'writer', 'Strands Agent']);
  });

  describe('in the program', () => {
    it('nests the spans and clients of tools in them, two at once, in a trace that is there already', async () => {
      const ask = () =>
        openai.chat.completions.create({ model: 'gpt-x', messages: [{ role: 'user', content: 'in a tool' }] });
      inTool = (city) => withSpan(`lookup ${city}`, () => ask());
      await withTrace('mine', async () => {
        await withSpan('before', () => {});
        await run(boss(), ({ model, messages = [] }) => {
          if (model === 'gpt-x') return { text: 'x' };
          return messages.length > 1 ? { text: 'Cold.' } : calls('A', 'B');
        });
        await withSpan('after', () => ask());
      });
      expect(tree().replace(/ \d\d\+5/g, '')).to.equal(
        [
          'mine COMPLETED',
          '  before OTHER OK',
          '  boss AGENT OK',
          '    br-x LLM br-x OK',
          ...['A', 'B'].flatMap((city) => [
            '    w TOOL OK',
            `      lookup ${city} OTHER OK`,
            '        openai-chat LLM gpt-x-2026 OK',
          ]),
          '    br-x LLM br-x OK',
          '  after OTHER OK',
          '    openai-chat LLM gpt-x-2026 OK',
        ].join('\n'),
      );
      expectTokensOnce();
    });

    it('puts two runs at once into two traces', async () => {
      models.answer(({ messages = [] }) => (messages.length > 1 ? { text: 'Cold.' } : calls('A')));
      await Promise.all([boss().invoke('one'), boss().invoke('two')]);
      const [first, second, ...more] = tree()
        .replace(/\d+\+/g, '')
        .split(/\n(?=\S)/);
      expect(more).to.deep.equal([]);
      expect(first?.split('\n')).to.have.lengthOf(5);
      expect(first).to.equal(second);
      expectTokensOnce();
    });

    it('records the session, user, tags and metadata of its options, and no values if they say so', async () => {
      const options = {
        ...{ sessionId: 's', userId: 'u', tags: ['a'], metadata: { team: 'b' } },
        ...{ captureInput: false, captureOutput: false },
      };
      await run(boss({}, options), [calls('A'), { text: 'Cold.' }]);
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
    it('records once what has the plugin twice, and nothing once it is taken off', async () => {
      const root = boss({ plugins: [pandaProbePlugin(), pandaProbePlugin()] });
      await run(root, [{ text: 'x' }]);
      expect(recorded.trace.spans).to.have.lengthOf(2);
      expect(unwrap(root)).to.equal(root);
      await run(root, [{ text: 'x' }]);
      expect(recorded.traces).to.have.lengthOf(1);
    });

    it('P38 makes no difference while the SDK is disabled', async () => {
      await shutdown();
      init({ enabled: false });
      expect(await run(boss(), [calls('A'), { text: 'Cold.' }])).to.include('Cold.');
    });

    it('P38 costs a warning when it fails inside, or does not know the agent, and the run goes on', async () => {
      const lines = await withBrokenRecording(async () => {
        pandaProbePlugin().initAgent({});
        expect(await run(boss(), [calls('A'), { text: 'Cold.' }])).to.include('Cold.');
      });
      expect(lines[0]).to.include('expected a Strands agent with stages');
      expect(lines).to.have.lengthOf.at.least(2);
      expect(lines.join()).to.not.include('S3CRET');
    });
  });
});
