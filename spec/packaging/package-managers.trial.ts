import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startProvider } from '../support/provider.js';
import { packed, type Ran, run } from '../support/trial.js';
import { known, program } from './versions/known.js';

/** What applications have, side by side: versions of two clients, each the one of its project. */
const pairs = [
  ['4.104.0', '0.27.3'],
  ['5.23.2', '0.36.3'],
  ['6.49.0', '0.99.0'],
  ['7.59.0', '1.14.0'],
] as const;

interface Manager {
  readonly name: string;
  /** Whether it installs all projects at once. */
  readonly isWorkspace: boolean;
  /** Files at the top of what it installs. */
  readonly files: Readonly<Record<string, string>>;
  readonly install: readonly string[];
  /** What comes in front of a program. */
  readonly node: readonly string[];
}

const managers: readonly Manager[] = [
  {
    name: 'npm',
    isWorkspace: false,
    files: {},
    install: ['npm', 'install', '--no-audit', '--no-fund'],
    node: ['node'],
  },
  {
    name: 'pnpm',
    isWorkspace: true,
    files: { 'pnpm-workspace.yaml': 'packages: ["app-*"]\n' },
    install: ['npx', '-y', 'pnpm@10.12.1', 'install', '--store-dir=./store'],
    node: ['node'],
  },
  {
    name: 'Yarn PnP',
    isWorkspace: true,
    files: { '.yarnrc.yml': 'nodeLinker: pnp\nenableTelemetry: false\nenableGlobalCache: false\n', 'yarn.lock': '' },
    install: ['npx', '-y', '@yarnpkg/cli-dist@4.9.2', 'install'],
    node: ['npx', '-y', '@yarnpkg/cli-dist@4.9.2', 'node'],
  },
];

/** How the machine reaches a registry: Yarn reads no settings of npm's. */
const way = Object.entries(process.env).flatMap(([key, value = '']) =>
  /^(?:NODE_EXTRA_CA_CERTS|https?_proxy|no_proxy)$/i.test(key) ? [[key, value]] : [],
);
const env = { ...Object.fromEntries(way), npm_config_update_notifier: 'false' };
const appOf = (openai: string) => `app-${openai}`;

for (const { name, isWorkspace, files, install, node } of managers) {
  describe(`Projects of ${name} with older and newer clients`, () => {
    let work: string;
    let installed: readonly Ran[];
    before(async () => {
      work = await mkdtemp(join(tmpdir(), 'package-managers-'));
      const tarball = `file:${await packed()}`;
      for (const [openai, anthropic] of pairs) {
        const dependencies = { openai, '@anthropic-ai/sdk': anthropic, 'pandaprobe-ts': tarball };
        await mkdir(join(work, appOf(openai)));
        const manifest = { name: appOf(openai), version: '1.0.0', private: true, type: 'module', dependencies };
        await writeFile(join(work, appOf(openai), 'package.json'), JSON.stringify(manifest));
        await writeFile(join(work, appOf(openai), 'program.mjs'), program);
      }
      const top = { name: 'top', version: '1.0.0', private: true, workspaces: ['app-*'] };
      if (isWorkspace) await writeFile(join(work, 'package.json'), JSON.stringify(top));
      for (const [path, text] of Object.entries(files)) await writeFile(join(work, path), text);
      const [command = '', ...args] = install;
      const folders = isWorkspace ? [work] : pairs.map(([openai]) => join(work, appOf(openai)));
      installed = await Promise.all(folders.map((folder) => run(command, args, folder, env)));
    });
    after(() => rm(work, { recursive: true, force: true }));

    it('P35 are installed with no error, and no word about peers', () => {
      for (const { code, stdout, stderr } of installed) {
        expect(code, stdout + stderr).to.equal(0);
        expect(stdout + stderr).not.to.match(/peer|ERESOLVE|YN0002|YN0060|YN0086/i);
      }
    });

    for (const [openai, anthropic] of pairs) {
      for (const [provider, version] of Object.entries({ openai, anthropic })) {
        const { package: from, answer, lines } = known[provider] ?? expect.fail(provider);
        it(`P35 record what is asked through ${from} ${version}`, async () => {
          await using server = await startProvider(answer);
          const [command = '', ...args] = [...node, 'program.mjs', provider, from, server.url];
          const { code, stdout, stderr } = await run(command, args, join(work, appOf(openai)), env);
          expect({ code, said: stdout.trimEnd().split('\n') }, stderr).to.deep.equal({ code: 0, said: lines(version) });
          expect(stderr).to.not.include('pandaprobe');
        });
      }
    }
  });
}
