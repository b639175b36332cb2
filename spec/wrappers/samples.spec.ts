import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { launch, receiverEnv } from '../../samples/launch.js';
import { renderTrees } from '../../samples/tree.js';
import { checkBody } from '../support/contract.js';
import { startReceiver } from '../support/receiver.js';
import { root } from '../support/user-project.js';

/** What stands in the first comment of a sample, below its first empty line. */
function promisedTree(file: string): string {
  const comment = /^(?:\/\/.*\n)+/.exec(readFileSync(file, 'utf8'))?.[0] ?? '';
  return (comment.split(/^\/\/\n/m)[1] ?? '').replace(/^\/\/ ?/gm, '').trimEnd();
}

describe('Samples of wrapped clients', function () {
  this.timeout(60_000);

  for (const name of ['openai', 'anthropic', 'gemini', 'mistral', 'bedrock']) {
    it(`deliver for ${name} the tree the first comment shows, valid against the contract`, async () => {
      const file = join(root, 'samples/wrappers', `${name}.ts`);
      await using receiver = await startReceiver({ check: checkBody });
      // Without any key in the environment the sample runs on the fake; the warning of an old Node is AWS's own.
      const keys = {
        OPENAI_API_KEY: undefined,
        ANTHROPIC_API_KEY: undefined,
        GEMINI_API_KEY: undefined,
        MISTRAL_API_KEY: undefined,
      };
      const env = { ...keys, AWS_REGION: undefined, NODE_NO_WARNINGS: '1', ...receiverEnv(receiver.url) };
      const ending = await launch(file, env as unknown as Record<string, string>); // an undefined variable is none
      expect(ending, ending.stderr).to.deep.include({ code: 0, stderr: '' });
      expect(ending.stdout).to.include('21 °C');
      expect(renderTrees(receiver.traces, { durations: false })).to.equal(promisedTree(file));
      expect(receiver.problems).to.deep.equal([]);
    });
  }
});
