import { expect } from 'chai';
import { recorderOf } from '../../lib/client/recording/client-parts.js';
import { emptyFrame } from '../../lib/engine/frame.js';
import { getClient } from '../../lib/index.js';
import { pandaProbeMiddleware } from '../../lib/integrations/vercel-ai.js';
import { rejection } from '../support/recorded.js';
import { read, sdkScene, tokensOf, two, versions } from './support/vercel-ai.js';

const prompt = 'How warm is it?';

/** Has all of ours fail from the call of the clock with this number on, until it is mended. */
function breakAfter(calls: number): () => void {
  const recorder = recorderOf(getClient(), emptyFrame);
  if (recorder === undefined) throw new Error('nothing is recorded');
  const { clock } = recorder;
  let left = calls;
  const now = () => {
    left -= 1;
    if (left < 0) throw new TypeError('S3CRET');
    return clock.now();
  };
  Object.assign(recorder, { clock: { now, anchorAt: (at: number) => clock.anchorAt(at) } });
  return () => void Object.assign(recorder, { clock });
}

let warnings = 0;

for (const version of versions) {
  describe(`A guest in the Vercel AI SDK ${version}`, () => {
    const scene = sdkScene(version);
    const run = (more: object) => ({
      model: scene.openai.chat('gpt-x'),
      prompt,
      tools: scene.tools(),
      stopWhen: scene.ai.stepCountIs(5),
      ...more,
    });
    const answer = () => scene.answer([{ tools: two }, { text: 'Warm' }]);

    it('P38 fails inside, wherever that is, and the run goes on as without it', async () => {
      const lines: string[] = [];
      const write = process.stderr.write;
      process.stderr.write = ((line: string) => lines.push(line) > 0) as typeof write;
      try {
        for (let calls = 0; calls < 14; calls += 1) {
          scene.record({});
          const mend = breakAfter(calls);
          answer();
          expect((await scene.ai.generateText(run(scene.traced()))).text).to.equal('Warm');
          answer();
          expect(await read(scene.ai.streamText(run(scene.traced())).textStream)).to.equal('Warm');
          mend();
        }
      } finally {
        process.stderr.write = write;
      }
      warnings += lines.filter((line) => line.startsWith('[pandaprobe]')).length;
      expect(warnings).to.be.greaterThan(0); // each cause is told once a minute
      expect(lines.join()).not.to.include('S3CRET');
    });

    it('P38 passes on results, errors and parts of streams unchanged', async () => {
      const seen = async (more: object) => {
        answer();
        const { text, steps, usage } = await scene.ai.generateText(run(more));
        answer();
        const parts: unknown[] = [];
        for await (const part of scene.ai.streamText(run(more)).fullStream) {
          const { type } = part;
          parts.push(type === 'text-delta' ? [type, (part as { text?: string }).text] : type);
        }
        scene.answer([{ status: 400 }]);
        const error = await rejection(scene.ai.generateText(run(more)));
        return { text, steps: steps.map(({ content }) => content), usage, parts, error: `${error}` };
      };
      const off = { telemetry: { isEnabled: false }, experimental_telemetry: { isEnabled: false } };
      const [bare, traced] = [await seen(off), await seen(scene.traced())];
      expect(plain(traced)).to.deep.equal(plain(bare));
    });
  });

  describe(`pandaProbeMiddleware in the Vercel AI SDK ${version}`, () => {
    const scene = sdkScene(version);
    const off = { telemetry: { isEnabled: false }, experimental_telemetry: { isEnabled: false } };
    const wrapped = (options = {}) =>
      scene.ai.wrapLanguageModel({
        model: scene.openai.chat('gpt-x') as never,
        middleware: pandaProbeMiddleware(options),
      });

    it('makes a span of each call of the model, whole and streamed', async () => {
      scene.answer([{ text: 'Warm' }]);
      await scene.ai.generateText({ model: wrapped({ sessionId: 's' }), prompt, temperature: 0.5, ...off });
      await read(scene.ai.streamText({ model: wrapped(), prompt, ...off }).textStream);
      expect(scene.tree()).to.equal(`gpt-x COMPLETED
  gpt-x LLM gpt-x-2026 10+5 OK
gpt-x COMPLETED
  gpt-x LLM gpt-x-2026 11+5 OK`);
      expect(tokensOf(scene.recorded)).to.deep.equal(scene.models.counted);
      const [whole, streamed] = scene.recorded.spans;
      expect(whole?.modelParameters).to.deep.equal({ temperature: 0.5 });
      expect(whole?.input).to.deep.equal({ messages: [{ role: 'user', content: prompt }] });
      expect(streamed?.output).to.deep.equal(whole?.output);
      expect(streamed?.completionStartTime).to.be.instanceOf(Date);
      expect(scene.recorded.traces[0]?.sessionId).to.equal('s');
    });

    it('records an error, and an abort with the output so far', async () => {
      scene.answer([{ status: 400 }]);
      await rejection(scene.ai.generateText({ model: wrapped(), prompt, ...off }));
      scene.answer([{ text: 'Hello', hang: true }]);
      const abort = new AbortController();
      const options = { model: wrapped(), prompt, abortSignal: abort.signal, ...off };
      let text = '';
      for await (const piece of scene.ai.streamText(options).textStream) {
        text += piece;
        if (text === 'Hello') abort.abort();
      }
      expect(scene.tree()).to.equal(`gpt-x ERROR
  gpt-x LLM gpt-x ERROR
gpt-x COMPLETED
  gpt-x LLM gpt-x-2026 OK`);
      const { output, metadata } = scene.recorded.spans[1] ?? {};
      expect(output).to.deep.equal({ messages: [{ role: 'assistant', content: 'Hello' }] });
      expect(metadata).to.include({ stream_incomplete: true, aborted: true });
    });
  });
}

/** Without what differs from call to call. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll(/"(?:id|itemId|timestamp)":"[^"]*"/g, '"id":""'));
}
