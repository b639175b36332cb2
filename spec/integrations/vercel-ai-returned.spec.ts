import { expect } from 'chai';
import { flush, traceFunction, withSpan } from '../../lib/index.js';
import { until } from '../support/until.js';
import { read, sdkScene, two, versions } from './support/vercel-ai.js';

type Run = ReturnType<typeof import('ai').streamText>;

/** Programs that read a run which a traced function has returned, to its end. */
const readers: Readonly<Record<string, (run: Run) => Promise<unknown>>> = {
  'its text stream': (run) => read(run.textStream),
  'its text': async (run) => run.text,
  'its parts': async (run) => {
    for await (const _ of run.fullStream);
  },
  'a response made of it': (run) => run.toUIMessageStreamResponse().text(),
  nothing: async (run) => run.consumeStream(),
};

for (const version of versions) {
  describe(`A traced function that returns a run of ai ${version}`, () => {
    const scene = sdkScene(version);
    const start = (more: object = {}) =>
      scene.ai.streamText({ model: scene.openai.chat('gpt-x'), prompt: 'Is it warm?', ...more });
    const hidden = { onError() {}, maxRetries: 0, telemetry: { isEnabled: false } };
    const outer = () => scene.recorded.traces.find(({ name }) => name === 'ask');

    for (const [what, readIt] of Object.entries(readers)) {
      it(`is over when the program has read ${what}, and has the pieces of its text`, async () => {
        const begun = Date.now();
        scene.answer([{ text: 'Warm', chunks: ['Wa', 'rm'], chunkDelay: 20 }]);
        const run = await traceFunction(async () => start(hidden), { name: 'ask' })();
        expect(outer()).to.equal(undefined);
        await readIt(run);
        await flush();
        expect(outer()).to.deep.include({ status: 'COMPLETED', output: ['Wa', 'rm'] });
        expect(Number(outer()?.endedAt) - begun).to.be.at.least(20);
      });
    }

    it('has the spans of the run and of its tools below it', async () => {
      const tools = scene.tools(({ city }) => withSpan('look up', async () => city));
      const stopWhen = scene.ai.stepCountIs(2);
      scene.answer([{ tools: two.slice(0, 1) }, { text: 'Warm' }]);
      const run = traceFunction(() => start({ ...scene.traced(), tools, stopWhen }), { name: 'ask' })();
      expect(await read(run.textStream)).to.equal('Warm');
      await until(() => outer() !== undefined);
      expect(scene.tree()).to.match(
        /^ask COMPLETED\n {2}ai\.streamText AGENT OK\n.*\n {4}w TOOL OK\n {6}look up OTHER OK\n/,
      );
    });

    it('is over, with what was read, if the program stops reading', async () => {
      scene.answer([{ text: 'Warm', chunks: ['Wa', 'rm'] }]);
      const run = traceFunction(() => start(hidden), { name: 'ask' })();
      const reader = run.toTextStreamResponse().body?.getReader();
      await reader?.read();
      await run.consumeStream();
      expect(outer()?.output).to.deep.equal(['Wa', 'rm']);
    });

    it('has failed if the run reports an error', async () => {
      scene.answer([{ status: 400, message: 'nope' }]);
      const run = traceFunction(() => start(hidden), { name: 'ask' })();
      await run.consumeStream();
      expect(outer()?.status).to.equal('ERROR');
      expect(JSON.stringify(outer()?.metadata)).to.include('nope');
    });

    it('is over at once if the function has read the run itself', async () => {
      scene.answer([{ text: 'Warm' }]);
      await traceFunction(
        async () => {
          const run = start(hidden);
          await run.consumeStream();
          return run;
        },
        { name: 'ask' },
      )();
      expect(outer()?.status).to.equal('COMPLETED');
    });

    it('has the text of an object as it is made', async () => {
      scene.answer([{ text: '{"warm":true}', chunks: ['{"warm"', ':true}'] }]);
      const schema = scene.z.object({ warm: scene.z.boolean() });
      const run = traceFunction(
        () => scene.ai.streamObject({ model: scene.openai.chat('gpt-x'), prompt: 'Is it warm?', schema, ...hidden }),
        { name: 'ask' },
      )();
      for await (const _ of run.partialObjectStream);
      expect(outer()?.status).to.equal('COMPLETED');
      expect([outer()?.output].flat().join('')).to.equal('{"warm":true}');
    });
  });
}
