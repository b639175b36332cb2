import type { HookCallback } from '@anthropic-ai/claude-agent-sdk';
import { expect } from 'chai';
import OpenAI from 'openai';
import { getClient, init, shutdown, withSpan, withTrace } from '../../lib/index.js';
import {
  ClaudeAgentSDKAdapter,
  unwrap,
  wrapClaudeAgentQuery,
  wrapClaudeAgentSDK,
} from '../../lib/integrations/claude-agent-sdk.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { withBrokenRecording } from './support/broken-recording.js';
import { claudeAgentScene, userSays } from './support/claude-agent-scene.js';
import { type FakeModels, startModels } from './support/fake-models.js';

describe('wrapClaudeAgentQuery() in a program', () => {
  const scene = claudeAgentScene();
  const { run, settings, spans, tree, wrapped } = scene;
  let models: FakeModels;
  before(async () => {
    models = await startModels();
  });
  after(() => models?.[Symbol.asyncDispose]());

  it('nests the spans and clients of a tool in this process below it, in an existing trace', async () => {
    const openai = wrapOpenAI(new OpenAI({ baseURL: models.url, apiKey: 'k', maxRetries: 0 }));
    const ask = () =>
      openai.chat.completions.create({ model: 'gpt-x', messages: [{ role: 'user', content: 'in a tool' }] });
    const { z } = await import('zod');
    const { createSdkMcpServer, query, tool } = wrapClaudeAgentSDK(scene.sdk);
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

  it('keeps the hooks, options and methods of the program', async () => {
    const heard: string[] = [];
    const hook: HookCallback = async ({ hook_event_name: name }) => {
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

  it('records a query of a program that was started earlier', async () => {
    const warm = await wrapClaudeAgentSDK(scene.sdk).startup({ options: settings() });
    for await (const _ of warm.query('plain'));
    expect(scene.recorded.spans).to.have.lengthOf(6);
  });

  it('records a query of a program that was started before its folder was known', async () => {
    const spare = await wrapClaudeAgentSDK(scene.sdk).prewarm({ options: settings() });
    for await (const _ of spare.claim({ prompt: 'plain', options: { cwd: process.cwd() } }));
    await spare.claimed;
    expect(scene.recorded.spans).to.have.lengthOf(6);
    expect(scene.recorded.trace.input).to.deep.equal({ messages: [{ role: 'user', content: 'plain' }] });
  });

  it('tells the prompt that it is not read on after an abort, as the SDK does', async () => {
    const isGivenBack = async (query: typeof scene.sdk.query) => {
      const abortController = new AbortController();
      let answered = (): void => {};
      let givenBack: (isEarly: boolean) => void = () => {};
      const ended = new Promise<boolean>((resolve) => {
        givenBack = resolve;
      });
      const prompt = (async function* () {
        let isRead = false;
        try {
          yield userSays('plain');
          await new Promise<void>((resolve) => {
            answered = resolve;
          });
          yield userSays('plain');
          isRead = true;
        } finally {
          givenBack(!isRead);
        }
      })();
      const reading = async () => {
        for await (const { type } of query({ prompt, options: settings({ abortController }) })) {
          if (type !== 'result') continue;
          abortController.abort();
          answered();
        }
      };
      await reading().catch(() => {});
      return ended;
    };
    expect(await isGivenBack(scene.sdk.query)).to.equal(true);
    expect(await isGivenBack(wrapped())).to.equal(true);
  });

  it('records the session, user, tags and metadata of its options, and no values if they say so', async () => {
    const query = wrapped({
      ...{ sessionId: 's', userId: 'u', tags: ['a'], metadata: { team: 'b' } },
      ...{ captureInput: false, captureOutput: false },
    });
    await run('plain S3CRET', {}, query);
    const { sessionId, userId, tags, metadata, input, output } = scene.recorded.trace;
    expect({ sessionId, userId, tags, metadata, input, output }).to.deep.equal({
      ...{ sessionId: 's', userId: 'u', tags: ['a'], metadata: { team: 'b' } },
      ...{ input: undefined, output: undefined },
    });
    for (const span of scene.recorded.spans) expect([span.input, span.output]).to.deep.equal([undefined, undefined]);
    expect(scene.recorded.text).to.not.match(/S3CRET|Hello/);
  });

  it('estimates no cost if the query reports it', async () => {
    await shutdown();
    scene.record({ estimateCost: () => 1 });
    await run('plain');
    expect(spans().flatMap(({ cost }) => cost?.total ?? [])).to.deep.equal([0.0123]);
  });

  describe('as a guest', () => {
    it('records once if it is wrapped twice, and unwrap() returns the original', async () => {
      const once = wrapped();
      expect(wrapClaudeAgentQuery(once)).to.equal(once);
      expect(new ClaudeAgentSDKAdapter().wrapQuery(once)).to.equal(once);
      expect(wrapClaudeAgentSDK(wrapClaudeAgentSDK(scene.sdk)).query).to.be.a('function');
      await run('plain', {}, wrapClaudeAgentSDK(wrapClaudeAgentSDK(scene.sdk)).query);
      expect(scene.recorded.traces).to.have.lengthOf(1);
      expect(unwrap(once)).to.equal(scene.sdk.query);
      expect(unwrap(wrapClaudeAgentSDK(scene.sdk))).to.equal(scene.sdk);
      expect(unwrap(scene.sdk)).to.equal(scene.sdk);
    });

    it('decides once for each turn whether it is sampled', async () => {
      await shutdown();
      scene.record({ sampleRate: 0 });
      await run('plain');
      expect(scene.recorded.traces).to.deep.equal([]);
      expect(getClient().stats().droppedByReason).to.deep.equal({ sampled: 1 });
    });

    it('P38 makes no difference while the SDK is disabled', async () => {
      await shutdown();
      init({ enabled: false });
      expect(await run('plain')).to.deep.equal(await run('plain', {}, scene.sdk.query));
    });

    it('P38 costs a warning when it fails inside, and the query goes on', async () => {
      const lines = await withBrokenRecording(async () => {
        expect((await run('plain')).at(-1)).to.equal('result');
      });
      expect(lines.filter((line) => line.startsWith('[pandaprobe]'))).to.not.deep.equal([]);
      expect(lines.join()).to.not.include('S3CRET');
    });
  });
});
