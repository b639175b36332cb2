import { cp, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startProvider } from '../support/provider.js';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { linkProviders, type Project, printed, type Ran, run, settingsFor, startProject } from '../support/trial.js';
import { root } from '../support/user-project.js';
import { completion } from '../wrappers/support/openai-chat-wire.js';

type Env = Readonly<Record<string, string>>;

/** What the program of the development server records. */
const trees = ['body(plan(search, search), answer)', 'handle(outer(inner))'];

interface Build {
  readonly name: string;
  readonly extension: 'mjs' | 'cjs';
  /** Makes `out/<program>.<extension>` of `<program>.mjs`, with all packages inside, and fails on a warning. */
  script(program: string): string;
}

const builds: readonly Build[] = [
  {
    name: 'esbuild, one ES module',
    extension: 'mjs',
    script: (program) => `
      const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
      const { warnings } = await (await import('esbuild')).build({
        entryPoints: ['${program}.mjs'], outfile: 'out/${program}.mjs', bundle: true, minify: true, platform: 'node',
        format: 'esm', target: 'node20', banner: { js: banner }, logLevel: 'error',
      });
      if (warnings.length > 0) throw new Error(JSON.stringify(warnings));`,
  },
  {
    name: 'esbuild, one CommonJS file',
    extension: 'cjs',
    script: (program) => `
      const { warnings } = await (await import('esbuild')).build({
        entryPoints: ['${program}-main.mjs'], outfile: 'out/${program}.cjs', bundle: true, minify: true, platform: 'node',
        format: 'cjs', target: 'node20', logLevel: 'error', logOverride: { 'empty-import-meta': 'silent' },
      });
      if (warnings.length > 0) throw new Error(JSON.stringify(warnings));`,
  },
  {
    name: 'esbuild, with conditions of its own',
    extension: 'mjs',
    script: (program) => `
      const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
      await (await import('esbuild')).build({
        entryPoints: ['${program}.mjs'], outfile: 'out/${program}.mjs', bundle: true, platform: 'node', conditions: ['own'],
        format: 'esm', target: 'node20', banner: { js: banner }, logLevel: 'warning',
      });`,
  },
  {
    name: 'ncc',
    extension: 'mjs',
    script: (program) => `
      import { mkdirSync, writeFileSync } from 'node:fs';
      import ncc from '@vercel/ncc';
      const { code, assets } = await ncc(process.cwd() + '/${program}.mjs', { quiet: true, cache: false, esm: true });
      mkdirSync('out', { recursive: true });
      writeFileSync('out/${program}.mjs', code);
      for (const [name, { source }] of Object.entries(assets)) writeFileSync('out/' + name, source);`,
  },
  {
    name: 'Vite, a server bundle',
    extension: 'mjs',
    script: (program) => `
      await (await import('vite')).build({
        configFile: false, ssr: { noExternal: true }, logLevel: 'warn',
        build: { ssr: '${program}.mjs', outDir: 'out', rolldownOptions: { output: { entryFileNames: '[name].mjs' } } },
      });`,
  },
  ...(['mjs', 'cjs'] as const).map((extension) => ({
    name: `webpack, .${extension} files`,
    extension,
    script: (program: string) => `
      const { default: webpack } = await import('webpack');
      const isEsm = ${extension === 'mjs'};
      await new Promise((resolve, reject) => webpack({
        mode: 'production', target: 'node20', entry: './${program}.mjs', context: process.cwd(),
        experiments: isEsm ? { outputModule: true } : {},
        output: { path: process.cwd() + '/out', filename: '${program}.${extension}', ...(isEsm ? { library: { type: 'module' } } : {}) },
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
    project = await startProject(this, {
      esbuild: '0.28.2',
      vite: '8.3.8',
      webpack: '5.112.2',
      '@vercel/ncc': '0.45.0',
    });
    await project.write({ 'package.json': '{ "private": true, "type": "module" }' });
    for (const [name, file] of Object.entries({
      program: 'ending-program',
      wrapped: 'wrapped-program',
      dev: 'recording-program',
    })) {
      const text = await readFile(join(root, `spec/packaging/${file}.mjs`), 'utf8');
      // CommonJS output knows no await outside of a function.
      const end = text.indexOf(';\n\n', text.lastIndexOf('import ')) + 1;
      const inside = `${text.slice(0, end)}async function main() {${text.slice(end)}}\nmain();`;
      await project.write({ [`${name}.mjs`]: text, [`${name}-main.mjs`]: inside });
    }
    await linkProviders(project);
  });
  after(() => project?.remove());
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  /** Builds a program and runs it as it is deployed: alone, in another place. */
  async function deploy(build: Build, program: string, use: (run: (env: Env) => Promise<Ran>) => Promise<void>) {
    await rm(join(project.folder, 'out'), { recursive: true, force: true });
    await project.write({ 'build.mjs': build.script(program) });
    expect(await printed(project.node(['build.mjs']))).to.not.match(/warn/i);
    const deployed = await mkdtemp(join(tmpdir(), 'deployed-'));
    const hidden = join(project.folder, 'node_modules');
    try {
      await cp(join(project.folder, 'out'), deployed, { recursive: true });
      await rename(hidden, join(project.folder, 'kept'));
      const file = `${program}.${build.extension}`;
      await use((env) => run(process.execPath, [file], deployed, { ...settingsFor(receiver.url), ...env }));
    } finally {
      await rm(deployed, { recursive: true, force: true });
      await rename(join(project.folder, 'kept'), hidden);
    }
  }

  for (const build of builds) {
    it(`by ${build.name}, moved away, delivers 100 of 100 traces however it ends`, async () => {
      await deploy(build, 'program', async (run) => {
        for (const [ending, code] of Object.entries({ exit: 3, throw: 1, SIGTERM: 'SIGTERM', none: 0 })) {
          const before = receiver.traces.length;
          const ran = await run({ ENDING: ending, PANDAPROBE_EXIT_TIMEOUT: '60' });
          expect(ran, ending).to.include({ code, stdout: '' });
          expect(ran.stderr, ending).not.to.match(/^\[pandaprobe\]/m);
          expect(receiver.traces.length - before, ending).to.equal(100);
        }
      });
    });
  }

  for (const build of builds.filter(({ name }) => !/^webpack|^ncc|conditions/.test(name))) {
    it(`by ${build.name}, holds the wrappers, which record with the engine of the main entry`, async () => {
      await using provider = await startProvider(() => ({ kind: 'json', body: completion({ content: '21 °C' }) }));
      await deploy(build, 'wrapped', async (run) => {
        const ran = await run({ PROVIDER: `${provider.url}/v1` });
        expect(ran).to.deep.equal({ code: 0, stdout: '21 °C\nok, 1 delivered\n', stderr: '' });
      });
      expect(receiver.traces.map(treeOf)).to.deep.equal([
        'turn(openai-chat, anthropic-messages, gemini-generate, mistral-chat, bedrock-converse)',
      ]);
    });
  }

  it('is not needed while developing with Vite: the package is loaded without a warning', async () => {
    await project.write({
      'serve.mjs': `
        const server = await (await import('vite')).createServer({
          configFile: false, appType: 'custom', server: { middlewareMode: true, ws: false },
          ssr: { noExternal: ['pandaprobe-ts'] }, optimizeDeps: { noDiscovery: true },
        });
        await server.ssrLoadModule('/dev.mjs');
        await server.close();`,
    });
    const env = { ...settingsFor(receiver.url), ENDING: 'flush' };
    expect(await printed(project.node(['serve.mjs'], env))).to.equal('ok, 2 delivered\n');
    expect(receiver.traces.map(treeOf).toSorted()).to.deep.equal(trees);
  });
});
