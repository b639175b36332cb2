import { cp, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { root } from './programs.js';
import { type Project, printed, run, settingsFor, startProject } from './trial.js';

const trees = ['body(plan(search, search), answer)', 'handle(outer(inner))'];

/** Each makes `out/<file>` of program.mjs, with all packages inside, and fails on a warning. */
const builds = [
  {
    name: 'esbuild, one ES module',
    file: 'program.mjs',
    script: `
      const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
      const { warnings } = await (await import('esbuild')).build({
        entryPoints: ['program.mjs'], outfile: 'out/program.mjs', bundle: true, minify: true, platform: 'node',
        format: 'esm', target: 'node20', banner: { js: banner }, logLevel: 'error',
      });
      if (warnings.length > 0) throw new Error(JSON.stringify(warnings));`,
  },
  {
    name: 'esbuild, one CommonJS file',
    file: 'program.cjs',
    script: `
      const { warnings } = await (await import('esbuild')).build({
        entryPoints: ['main.mjs'], outfile: 'out/program.cjs', bundle: true, minify: true, platform: 'node',
        format: 'cjs', target: 'node20', logLevel: 'error', logOverride: { 'empty-import-meta': 'silent' },
      });
      if (warnings.length > 0) throw new Error(JSON.stringify(warnings));`,
  },
  {
    name: 'Vite, a server bundle',
    file: 'program.mjs',
    script: `
      await (await import('vite')).build({
        configFile: false, ssr: { noExternal: true }, logLevel: 'warn',
        build: { ssr: 'program.mjs', outDir: 'out', rolldownOptions: { output: { entryFileNames: '[name].mjs' } } },
      });`,
  },
  ...(['mjs', 'cjs'] as const).map((extension) => ({
    name: `webpack, .${extension} files`,
    file: `program.${extension}`,
    script: `
      const { default: webpack } = await import('webpack');
      const isEsm = ${extension === 'mjs'};
      await new Promise((resolve, reject) => webpack({
        mode: 'production', target: 'node20', entry: './program.mjs', context: process.cwd(),
        experiments: isEsm ? { outputModule: true } : {},
        output: { path: process.cwd() + '/out', filename: 'program.${extension}', ...(isEsm ? { library: { type: 'module' } } : {}) },
      }, (error, stats) => {
        const text = error ?? stats.toString({ all: false, errors: true, warnings: true });
        return text === '' ? resolve() : reject(new Error(text));
      }));`,
  })),
];

describe('A server bundle', () => {
  let project: Project;
  let receiver: Receiver;
  before(async function () {
    project = await startProject(this, { esbuild: '0.28.2', vite: '8.3.8', webpack: '5.112.2' });
    const program = await readFile(join(root, 'spec/packaging/recording-program.mjs'), 'utf8');
    // CommonJS output knows no await outside of a function.
    const [imports = '', body = ''] = program.split(/(?<=from 'pandaprobe-ts';\n)/);
    await project.write({
      'package.json': '{ "private": true, "type": "module" }',
      'program.mjs': program,
      'main.mjs': `${imports}async function main() {${body}}\nmain();`,
    });
  });
  after(() => project?.remove());
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  for (const { name, file, script } of builds) {
    it(`by ${name}, builds without a warning and delivers with no thread beside it`, async () => {
      await rm(join(project.folder, 'out'), { recursive: true, force: true });
      await project.write({ 'build.mjs': script });
      expect(await printed(project.node(['build.mjs']))).to.not.match(/warn/i);

      // As it is deployed: alone, in another place.
      const deployed = await mkdtemp(join(tmpdir(), 'deployed-'));
      const hidden = join(project.folder, 'node_modules');
      try {
        await cp(join(project.folder, 'out'), deployed, { recursive: true });
        await rename(hidden, join(project.folder, 'kept'));
        for (const ending of ['none', 'flush']) {
          const env = { ...settingsFor(receiver.url), ENDING: ending, PANDAPROBE_DEBUG: 'true' };
          const ran = await run(process.execPath, [file], deployed, env);
          expect(ran).to.deep.equal({
            code: 0,
            stdout: ending === 'flush' ? 'ok, 2 delivered\n' : '',
            stderr: '[pandaprobe] debug: sending on the main thread: the thread file is not there\n',
          });
        }
        expect(receiver.traces.map(treeOf).toSorted()).to.deep.equal([...trees, ...trees].toSorted());
      } finally {
        await rm(deployed, { recursive: true, force: true });
        await rename(join(project.folder, 'kept'), hidden);
      }
    });
  }
});
