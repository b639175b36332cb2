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

  const places: Readonly<Record<string, BuildOptions>> = {
    page: { platform: 'browser' },
    'workflow of Temporal': { platform: 'browser' },
    'workflow of the Workflow SDK': { platform: 'neutral', conditions: ['workflow'] },
    // Metro imports with these conditions; the engine cannot parse `import.meta`.
    'React Native app': { platform: 'neutral', conditions: ['react-native'], supported: { 'import-meta': false } },
  };
  /** Bundles a program for a place, and runs it there. @param without - names that the place does not have */
  async function run(program: string, place: string, without: readonly string[] = []) {
    const outfile = join(work, 'page.mjs');
    const entryPoints = [join(root, 'spec/packaging', program)];
    const given: BuildOptions = { bundle: true, format: 'esm', logLevel: 'silent', ...places[place] };
    const { warnings } = await build({ ...given, entryPoints, outfile });
    expect(warnings).to.deep.equal([]);
    const runner = join(root, 'spec/packaging/run-page.mjs');
    const args = ['--no-warnings', '--experimental-vm-modules', runner, outfile, place, ...without];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
    return { results: JSON.parse(stdout) as unknown, stderr };
  }

  for (const what of Object.keys(places)) {
    it(`runs as without the package in a ${what}, and says once that nothing is recorded`, async () => {
      const { results, stderr } = await run('page-program.mjs', what);
      expect(results).to.deep.equal(['value', 2, 5, 3, 'completion', true, false, true]);
      expect(stderr).to.equal(sentence);
    });

    if (what.startsWith('workflow')) continue; // has no settings, and little of what the others may read

    it(`accepts every option and variable in a ${what}`, async () => {
      const { results, stderr } = await run('page-options.mjs', what);
      expect(results).to.deep.equal([...Array(6).fill('made'), 'said']);
      expect(stderr.replaceAll(sentence, '')).to.equal('');
    });

    it(`returns handles with ids in a ${what}, also without \`crypto\``, async () => {
      const results = [true, true, 0, {}, 'below', 'https://page.invalid/', 'answered', true, 0];
      for (const without of [[], ['crypto']])
        expect(await run('page-reads.mjs', what, without), `${without}`).to.deep.equal({
          results,
          stderr: sentence,
        });
    });
  }

  it('has the names that Node has', async () => {
    const names = async (path: string) => Object.keys(await import(join(root, path))).toSorted();
    expect(await names('dist/browser/index.js')).to.deep.equal(await names('dist/esm/index.js'));
  });
});
