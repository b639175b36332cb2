import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { printed, run, startProject, type Versions } from '../support/trial.js';
import { root } from '../support/user-project.js';

const script = join(root, '.ci/reference.mjs');

describe('The API reference', () => {
  it('is what the doc comments make today: `npm run docs` would change nothing', async function () {
    const { versions }: { versions: Versions } = await import(script);
    const tools = await startProject(this, versions);
    const out = await mkdtemp(join(tmpdir(), 'reference-'));
    try {
      await printed(run(process.execPath, [script, '--tools', tools.home, '--out', out], root));
      expect(filesIn(join(root, 'docs/api'))).to.deep.equal(filesIn(out));
    } finally {
      await rm(out, { recursive: true, force: true });
      await tools.remove();
    }
  });
});

/** Every file's text, by path. */
function filesIn(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).toSorted();
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]));
}
