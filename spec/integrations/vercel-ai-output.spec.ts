import { expect } from 'chai';
import { flush, withTrace } from '../../lib/index.js';
import { rejection } from '../support/recorded.js';
import { sdkScene } from './support/vercel-ai.js';

const prompt = 'Is it warm?';

for (const version of [7, 6] as const) {
  describe(`generateText with an output, of ai ${version}`, () => {
    const scene = sdkScene(version);
    const warm = () => scene.ai.Output.object({ schema: scene.z.object({ warm: scene.z.boolean() }) });
    const ask = (output: object = warm(), name?: string, more?: object) =>
      scene.ai.generateText({
        ...more,
        ...{ model: scene.openai.chat('gpt-x'), prompt, output: output as ReturnType<typeof warm> },
        ...scene.traced(name),
      });

    it('is ERROR if the answer does not match the schema, or is not JSON', async () => {
      for (const text of ['{"warm":"maybe"}', 'It depends.']) {
        scene.answer([{ text }]);
        const error = await rejection(ask());
        expect(error.name).to.equal('AI_NoObjectGeneratedError');
        await flush();
      }
      const [first, second] = scene.recorded.traces;
      for (const trace of [first, second]) {
        expect(trace?.status).to.equal('ERROR');
        expect(trace?.spans.map(({ kind, status }) => `${kind} ${status}`)).to.deep.equal(['CHAIN ERROR', 'LLM OK']);
        expect(trace?.spans[0]?.error).to.match(/^AI_NoObjectGeneratedError: /);
      }
      expect(JSON.stringify(second?.spans[1]?.output)).to.include('It depends.');
    });

    it('is over when its caller has the object', async () => {
      scene.answer([{ text: '{"warm":true}' }]);
      const { output } = await ask();
      const after = scene.recorded.traces.length;
      expect(output).to.deep.equal({ warm: true });
      expect(after).to.equal(1);
      expect(scene.tree()).to.match(/^ai.generateText COMPLETED\n {2}ai.generateText CHAIN OK\n {4}gpt-x LLM/);
      expect(JSON.stringify(scene.recorded.spans[0]?.output)).to.include('warm');
    });

    it('is ERROR also if a callback of the user takes a while before', async () => {
      scene.answer([{ text: '[]' }]);
      const onEnd = () => new Promise((resolve) => setImmediate(resolve));
      await rejection(ask(warm(), 'late', { onEnd, onFinish: onEnd }));
      expect(scene.recorded.traces.map(({ name, status }) => `${name} ${status}`)).to.deep.equal(['late ERROR']);
    });

    it('is over before a trace around it', async () => {
      scene.answer([{ text: '{"warm":true}' }]);
      await withTrace('mine', () => ask());
      expect(scene.recorded.traces).to.have.lengthOf(1);
      expect(scene.recorded.spans.map(({ status }) => status)).to.deep.equal(['OK', 'OK']);
    });

    it('has the status of its own answer, if several runs have the same output', async () => {
      scene.answer(({ messages }) => ({ text: JSON.stringify(messages).includes('cold') ? '[]' : '{"warm":true}' }));
      const shared = warm();
      const runs = ['warm', 'cold', 'warm', 'cold'].map((name) =>
        scene.ai.generateText({
          ...{ model: scene.openai.chat('gpt-x'), prompt: `Is it ${name}?`, output: shared },
          ...scene.traced(name),
        }),
      );
      await Promise.allSettled(runs);
      const ends = scene.recorded.traces.map(({ name, status }) => `${name} ${status}`).toSorted();
      expect(ends).to.deep.equal(['cold ERROR', 'cold ERROR', 'warm COMPLETED', 'warm COMPLETED']);
    });

    it('is recorded with an output that cannot be changed', async () => {
      scene.answer([{ text: '{"warm":true}' }]);
      await ask(Object.freeze(warm()));
      expect(scene.recorded.traces.map(({ status }) => status)).to.deep.equal(['COMPLETED']);
    });

    it('ends if the answer was cut, so that there is no object', async () => {
      scene.answer([{ tools: [{ id: 't1', name: 'w', args: { city: 'Oslo' } }] }]);
      await scene.ai.generateText({
        ...{ model: scene.openai.chat('gpt-x'), prompt, output: warm(), tools: scene.tools() },
        ...scene.traced(),
      });
      expect(scene.recorded.traces.map(({ status }) => status)).to.deep.equal(['COMPLETED']);
    });
  });
}
