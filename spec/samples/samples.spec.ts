import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { launch, receiverEnv, sampleFile, sampleNames } from '../../samples/launch.js';
import { renderTrees } from '../../samples/tree.js';
import { checkBody } from '../support/contract.js';
import { startReceiver } from '../support/receiver.js';

/** What stands in the first comment of a sample, below its first empty line. */
function promisedTree(file: string): string {
  const lines = readFileSync(file, 'utf8').split('\n');
  const comment = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith('//')),
  );
  const tree = comment.slice(comment.indexOf('//') + 1);
  return tree.map((line) => line.replace(/^\/\/ ?/, '')).join('\n');
}

describe('Samples', () => {
  it('exist for every way to record', () => {
    expect(sampleNames()).to.deep.equal([
      'context-managers',
      'decorators',
      'errors',
      'exit-without-flush',
      'legacy-decorators',
      'mixed',
      'prebuilt-traces',
      'scoring',
      'sessions-and-users',
      'streaming',
    ]);
  });

  for (const name of sampleNames()) {
    describe(name, () => {
      const file = sampleFile(name);

      it('delivers the tree its first comment shows, valid against the contract', async () => {
        await using receiver = await startReceiver({ check: checkBody });
        const ending = await launch(file, receiverEnv(receiver.url));
        expect(ending, ending.stderr).to.deep.include({ code: 0, signal: null, stderr: '' });
        expect(renderTrees(receiver.traces, { durations: false })).to.equal(promisedTree(file));
        expect(receiver.problems).to.deep.equal([]);
      });

      it('stays under 60 lines and imports nothing of the project but the package', () => {
        const source = readFileSync(file, 'utf8');
        expect(source.trimEnd().split('\n')).to.have.lengthOf.below(60);
        expect(source).to.match(/from 'pandaprobe-ts'/);
        expect(source).not.to.match(/from '[.]/);
      });
    });
  }
});
