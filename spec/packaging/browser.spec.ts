import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { type BuildOptions, build } from 'esbuild';
import { root } from '../support/user-project.js';

const sentence =
  '[pandaprobe] nothing is recorded in a browser or on a device, where your key must not be: record on your server\n';

describe('P35 A page', () => {
  let work: string;
  before(async () => {
    work = await mkdtemp(join(tmpdir(), 'page-'));
  });
  after(() => rm(work, { recursive: true, force: true }));

  const programs: Readonly<Record<string, BuildOptions>> = {
    page: { platform: 'browser' },
    'workflow of Temporal': { platform: 'browser' },
    'workflow of the Workflow SDK': { platform: 'neutral', conditions: ['workflow'] },
    // Metro imports with these conditions; the engine cannot parse `import.meta`.
    'React Native app': { platform: 'neutral', conditions: ['react-native'], supported: { 'import-meta': false } },
  };
  for (const [what, options] of Object.entries(programs)) {
    it(`runs as without the package in a ${what}, and says once that nothing is recorded`, async () => {
      const outfile = join(work, 'page.mjs');
      const entryPoints = [join(root, 'spec/packaging/page-program.mjs')];
      const given: BuildOptions = { bundle: true, format: 'esm', logLevel: 'silent', ...options };
      const { warnings } = await build({ ...given, entryPoints, outfile });
      expect(warnings).to.deep.equal([]);
      const args = [
        '--no-warnings',
        '--experimental-vm-modules',
        join(root, 'spec/packaging/run-page.mjs'),
        outfile,
        what,
      ];
      const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
      expect(JSON.parse(stdout)).to.deep.equal(['value', 2, 5, 3, 'completion', true, false, true]);
      expect(stderr).to.equal(sentence);
    });
  }

  it('has the names that Node has', async () => {
    const names = async (path: string) => Object.keys(await import(join(root, path))).toSorted();
    expect(await names('dist/browser/index.js')).to.deep.equal(await names('dist/esm/index.js'));
  });
});
