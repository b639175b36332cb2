import { expect } from 'chai';
import { sdkScene, versions } from './support/vercel-ai.js';

for (const version of versions) {
  describe(`An error in a stream of ai ${version} that goes on to its end`, () => {
    const scene = sdkScene(version);
    const usage =
      version === 7
        ? { inputTokens: { total: 3 }, outputTokens: { total: 2 } }
        : { inputTokens: 3, outputTokens: 2, totalTokens: 5 };
    const own = (parts: readonly object[]) => ({
      ...{ specificationVersion: version === 7 ? 'v4' : 'v2', provider: 'shop', modelId: 'own', supportedUrls: {} },
      doStream: async () => ({ stream: ReadableStream.from(parts) }),
    });
    const text = [
      { type: 'stream-start', warnings: [] },
      { type: 'text-start', id: '1' },
      { type: 'text-delta', id: '1', delta: 'It is' },
    ];
    const finish = (reason: string) => ({
      type: 'finish',
      finishReason: version === 7 ? { unified: reason } : reason,
      usage,
    });

    it('makes the call, its run and the trace ERROR, with the output so far', async () => {
      const error = new Error('overloaded');
      const parts = [...text, { type: 'error', error }, { type: 'text-end', id: '1' }, finish('error')];
      const seen: unknown[] = [];
      const result = scene.ai.streamText({
        ...{
          model: own(parts) as never,
          prompt: 'Is it warm?',
          onError: (event: { error: unknown }) => void seen.push(event),
        },
        ...scene.traced(),
      });
      await result.consumeStream();
      await result.finishReason;
      expect(seen).to.have.lengthOf(1);
      const [run, llm] = scene.recorded.spans;
      expect(scene.recorded.traces.map(({ status }) => status)).to.deep.equal(['ERROR']);
      for (const span of [run, llm]) {
        expect(span?.status).to.equal('ERROR');
        expect(span?.error).to.include('overloaded');
        expect(JSON.stringify(span?.output)).to.include('It is');
      }
    });
  });
}
