import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { launch, receiverEnv } from '../../samples/launch.js';
import { renderTrees } from '../../samples/tree.js';
import { checkBody } from '../support/contract.js';
import { startReceiver } from '../support/receiver.js';
import { root } from '../support/user-project.js';
import { needFrameworks } from './support/installed.js';

const folder = join(root, 'samples/integrations');

/** What stands in the first comment of a sample, below its first empty line. */
function promisedTree(file: string): string {
  const comment = /^(?:\/\/.*\n)+/.exec(readFileSync(file, 'utf8'))?.[0] ?? '';
  return (comment.split(/^\/\/\n/m)[1] ?? '').replace(/^\/\/ ?/gm, '').trimEnd();
}

describe('Samples of frameworks', () => {
  before(function () {
    needFrameworks(this);
  });

  for (const name of readdirSync(folder).filter((file) => file.endsWith('.ts'))) {
    it(`deliver for ${name} the tree the first comment shows, valid against the contract`, async () => {
      const file = join(folder, name);
      await using receiver = await startReceiver({ check: checkBody });
      const ending = await launch(file, { NODE_NO_WARNINGS: '1', ...receiverEnv(receiver.url) });
      expect(ending, ending.stderr).to.deep.include({ code: 0, stderr: '' });
      expect(ending.stdout).to.include('21 °C');
      expect(renderTrees(receiver.traces, { durations: false })).to.equal(promisedTree(file));
      expect(receiver.problems).to.deep.equal([]);
    });
  }
});
