import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import OpenAI from 'openai';
import { session, withSpan, withTrace } from '../../lib/index.js';
import { pandaProbeMiddleware } from '../../lib/integrations/vercel-ai.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { rejection } from '../support/recorded.js';
import { until } from '../support/until.js';
import type { ModelRequest } from './support/fake-models.js';
import { read, sdkScene, tokensOf, two, versions } from './support/vercel-ai.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const prompt = 'How warm is it?';
/** Answers by what was said last: a tool's result, or the call of a program's own client within a tool. */
const byLast = ({ messages = [] }: ModelRequest) => {
  const last = messages.at(-1);
  return last?.role === 'tool' || last?.content === 'lookup' ? { text: 'Warm' } : { tools: two };
};

for (const version of versions) {
  describe(`Code of the user within the Vercel AI SDK ${version}`, () => {
    const scene = sdkScene(version);
    const model = () => scene.openai.chat('gpt-x');
    const stream = (more: object = {}) =>
      scene.ai.streamText({
        model: model(),
        prompt,
        tools: scene.tools(),
        stopWhen: scene.ai.stepCountIs(5),
        ...scene.traced(),
        ...more,
      });

    it('nests in the tool it runs in, spans and wrapped clients, with two tools at once', async () => {
      scene.answer(byLast);
      const client = wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: scene.models.url, maxRetries: 0 }));
      const tools = scene.tools(({ city }) =>
        withSpan(`lookup ${city}`, async () => {
          await new Promise((resolve) => setTimeout(resolve, city === 'Rome' ? 5 : 1));
          const messages = [{ role: 'user' as const, content: 'lookup' }];
          return (await client.chat.completions.create({ model: 'gpt-x', messages })).model;
        }),
      );
      await withTrace('mine', async () => {
        await read(stream({ tools }).textStream);
        await withSpan('after', async () => {});
      });
      const [, , , ...inTools] = scene.tree().split('\n');
      expect(scene.tree().replace(/1\d\+5/g, 'n+5')).to.equal(`mine COMPLETED
  ai.streamText AGENT OK
    gpt-x LLM gpt-x-2026 n+5 OK
    w TOOL OK
      lookup Rome OTHER OK
        openai-chat LLM gpt-x-2026 n+5 OK
    w TOOL OK
      lookup Oslo OTHER OK
        openai-chat LLM gpt-x-2026 n+5 OK
    gpt-x LLM gpt-x-2026 n+5 OK
  after OTHER OK`);
      expect(inTools).to.have.lengthOf(8);
      expect(tokensOf(scene.recorded)).to.deep.equal(scene.models.counted);
    });

    it('keeps two concurrent runs with the same ids of tool calls apart', async () => {
      scene.answer(byLast);
      const run = (city: string) =>
        session(city, () =>
          scene.ai.generateText({
            model: model(),
            prompt: city,
            tools: scene.tools(() => withSpan(`in ${city}`, async () => city)),
            stopWhen: scene.ai.stepCountIs(5),
            ...scene.traced(city),
          }),
        );
      await Promise.all([run('Rome'), run('Oslo')]);
      expect(scene.recorded.traces).to.have.lengthOf(2);
      for (const trace of scene.recorded.traces) {
        const tools = trace.spans.filter(({ kind }) => kind === 'TOOL');
        expect(trace.sessionId).to.equal(trace.name);
        expect(trace.spans.map(({ name }) => name).toSorted()).to.deep.equal(
          [trace.name, 'gpt-x', 'gpt-x', `in ${trace.name}`, `in ${trace.name}`, 'w', 'w'].toSorted(),
        );
        expect(tools.map(({ output }) => output)).to.deep.equal([trace.name, trace.name]);
      }
      expect(tokensOf(scene.recorded)).to.deep.equal(scene.models.counted);
    });

    it('records a call once if the middleware sees it, too, also of an object', async () => {
      scene.answer([{ text: '{"warm":true}' }]);
      const wrapped = scene.ai.wrapLanguageModel({ model: model() as never, middleware: pandaProbeMiddleware() });
      const schema = scene.z.object({ warm: scene.z.boolean() });
      await scene.ai.generateText({ model: wrapped, prompt, ...scene.traced() });
      await read(scene.ai.streamText({ model: wrapped, prompt, ...scene.traced() }).textStream);
      await scene.ai.generateObject({ model: wrapped, prompt, schema, ...scene.traced() });
      for await (const _ of scene.ai.streamObject({ model: wrapped, prompt, schema, ...scene.traced() })
        .partialObjectStream);
      await ended(4);
      const llm = scene.recorded.traces.map(({ spans }) => spans.filter(({ kind }) => kind === 'LLM').length);
      expect(llm).to.deep.equal([1, 1, 1, 1]);
      expect(tokensOf(scene.recorded)).to.deep.equal(scene.models.counted);
      await withTrace('after', async () => {}); // nothing of the SDK's is current any more
      expect(scene.tree().split('\n').at(-1)).to.equal('after COMPLETED');
    });

    if (version === 7) {
      it('records a streamed object that does not match its schema as ERROR, with the model’s text', async () => {
        scene.answer([{ text: '{"warm":"maybe"}' }]);
        const schema = scene.z.object({ warm: scene.z.boolean() });
        const result = scene.ai.streamObject({ model: model(), prompt, schema, ...scene.traced(), onError: () => {} });
        const refused = rejection(result.object);
        for await (const _ of result.partialObjectStream);
        expect((await refused).name).to.equal('AI_NoObjectGeneratedError');
        await ended(1);
        expect(scene.tree()).to.equal(`ai.streamObject ERROR
  ai.streamObject CHAIN ERROR
    gpt-x LLM gpt-x-2026 10+5 OK`);
        expect(scene.recorded.spans[0]?.error).to.match(/^AI_NoObjectGeneratedError: /);
        expect(JSON.stringify(scene.recorded.spans[1]?.output)).to.include('maybe');
      });
    }

    it('ends a run whose stream was left when that is garbage-collected, as aborted, with the output so far', async () => {
      const begin = () => scene.ai.streamText({ model: model(), prompt, ...scene.traced() });
      const ways = {
        left: () => read(begin().textStream, 1),
        'left by the client of a server': async () => {
          const reader = begin().toUIMessageStreamResponse().body?.getReader();
          for (let chunks = 0; chunks < 6; chunks += 1) await reader?.read();
          await reader?.cancel();
        },
        'never read': async () => void begin(),
      };
      for (const [how, leave] of Object.entries(ways)) {
        scene.record({});
        scene.answer([{ text: 'x', chunks: Array.from({ length: 400 }, () => 'abc ') }]);
        await (async () => leave())();
        await until(() => scene.models.calls.length === 1);
        await handedOver();
        expect(scene.tree(), how).to.equal(`ai.streamText COMPLETED
  ai.streamText CHAIN OK
    gpt-x LLM ${version === 7 ? 'gpt-x-2026' : 'gpt-x'} OK`);
        const [run, llm] = scene.recorded.spans;
        for (const { metadata } of scene.recorded.spans) expect(metadata.aborted).to.equal(true);
        if (how !== 'never read') expect(llm?.completionStartTime).to.be.instanceOf(Date);
        if (version !== 7) continue; // the older ones say at the end of a stream whether its output may be recorded
        expect(JSON.stringify(llm?.output)).to.include('abc abc');
        expect([run?.output, scene.recorded.trace.output]).to.deep.equal([llm?.output, llm?.output]);
      }
    });

    it('hands over a stream that was left early while a tool ran when it is garbage-collected', async () => {
      scene.answer(byLast);
      const leave = new AbortController();
      const left = once(leave.signal, 'abort');
      const tools = scene.tools(() => left);
      await (async () => {
        for await (const { type } of stream({ tools }).fullStream) {
          if (type !== 'tool-call') continue;
          leave.abort();
          break;
        }
      })();
      await handedOver();
      expect(scene.tree()).to.match(/^ai\.streamText COMPLETED\n {2}ai\.streamText AGENT OK\n {4}gpt-x LLM /);
    });

    it('reads no more of a stream than the SDK does without it', async () => {
      const pulledOf = async (telemetry: object) => {
        let pulled = 0;
        const parts = new ReadableStream<unknown>(
          {
            pull(controller) {
              pulled += 1;
              if (pulled === 400) controller.close();
              else if (pulled === 1) controller.enqueue({ type: 'text-start', id: '0' });
              else controller.enqueue({ type: 'text-delta', id: '0', delta: 'abc ' });
            },
          },
          { highWaterMark: 0 },
        );
        const own = {
          specificationVersion: `v${version - 3}`,
          provider: 'shop',
          modelId: 'own',
          supportedUrls: {},
          doStream: async () => ({ stream: parts }),
        };
        await read(scene.ai.streamText({ model: own as never, prompt, ...telemetry }).textStream, 3);
        for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
        return pulled;
      };
      const off = { telemetry: { isEnabled: false }, experimental_telemetry: { isEnabled: false } };
      const bare = await pulledOf(off);
      if (version === 7) expect(bare).to.be.lessThan(100); // the older ones read all there is
      expect(await pulledOf(scene.traced())).to.be.at.most(bare + 1);
    });

    async function handedOver(): Promise<void> {
      for (let i = 0; i < 200 && scene.recorded.traces.length === 0; i += 1) {
        collectGarbage();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }

    /** The SDK ends some operations a few turns after its user has what he asked for. */
    async function ended(traces: number): Promise<void> {
      for (let turns = 0; scene.recorded.traces.length < traces && turns < 1000; turns += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  });
}
