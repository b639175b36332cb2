import { expect } from 'chai';
import { sdkScene, tokensOf, versions } from './support/vercel-ai.js';
import { programs } from './support/vercel-ai-programs.js';

for (const version of versions) {
  describe(`Vercel AI SDK ${version}`, () => {
    const scene = sdkScene(version);

    for (const { title, script, tree, isStreamed, run, versions: some = versions } of programs) {
      if (!some.includes(version)) continue;
      it(`records the tree of ${title}, with the tokens that the server counted`, async () => {
        scene.answer(script);
        await run(scene);
        await settled(() => scene.recorded.traces.length === 1);
        expect(scene.tree()).to.equal(typeof tree === 'string' ? tree : tree(version));
        expect(tokensOf(scene.recorded)).to.deep.equal(scene.models.counted);
        const llm = scene.recorded.spans.filter(({ kind }) => kind === 'LLM');
        const timed = llm.filter(({ completionStartTime }) => completionStartTime !== undefined);
        expect(timed.length).to.equal(isStreamed === true ? llm.length : 0);
      });
    }
  });
}

/** The SDK ends some operations a few turns after its user has what he asked for. */
async function settled(isSo: () => boolean): Promise<void> {
  for (let turns = 0; !isSo() && turns < 1000; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}
