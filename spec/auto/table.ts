import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { answer, runs } from '../integrations/support/auto-runs.js';
import { type FakeModels, startModels } from '../integrations/support/fake-models.js';
import { needFrameworks } from '../integrations/support/installed.js';
import { known } from '../packaging/versions/known.js';
import { startReceiver, treeOf } from '../support/receiver.js';
import { type Project, startProject } from '../support/trial.js';
import { root } from '../support/user-project.js';
import { startProviders } from './providers.js';
import { auto, program, run, sentTo } from './ran.js';

/*
 * Every known version of the clients, and the frameworks, on every Node, as ES modules, as CommonJS and with tsx: recorded, and the
 * program prints what it prints without. It takes many minutes: `npm run trial:auto`. NODES picks some: NODES=20,26.
 */

const nodes = (process.env.NODES ?? '20,22,24,26').split(',');
const picked = ['openai', 'groq', 'together', 'cerebras', 'perplexity', 'anthropic'] as const;
const kinds = { mjs: [], cjs: [], 'tsx first': ['--import', 'tsx'], 'tsx last': ['--import', 'tsx'] } as const;

describe('Clients without code', () => {
  let project: Project;
  let providers: Awaited<ReturnType<typeof startProviders>>;
  before(async function () {
    const aliases = picked.flatMap((name) =>
      (known[name]?.versions ?? []).map((version) => [`${name}-${version}`, `npm:${known[name]?.package}@${version}`]),
    );
    project = await startProject(this, {
      ...Object.fromEntries(aliases),
      '@smithy/node-http-handler': '4.14.2',
      tsx: '4.23.15',
    });
    await project.write({
      'package.json': '{ "private": true }',
      ...Object.fromEntries(
        ['clients.mjs', 'clients.cjs', 'asks.cjs'].map((name) => [name, readFileSync(program(name), 'utf8')]),
      ),
      'clients.mts': readFileSync(program('clients.mjs'), 'utf8'),
    });
    providers = await startProviders();
  });
  after(async () => {
    await providers?.[Symbol.asyncDispose]();
    await project?.remove();
  });

  for (const version of nodes) {
    for (const [kind, options] of Object.entries(kinds)) {
      it(`Node ${version}, ${kind}`, async () => {
        const node = nodeOf(version);
        const file = join(
          project.folder,
          kind === 'cjs' ? 'clients.cjs' : kind === 'mjs' ? 'clients.mjs' : 'clients.mts',
        );
        const hooks = kind === 'tsx last' ? [...options, ...auto] : [...auto, ...options];
        const cells: string[] = [];
        for (const name of picked) {
          if (kind === 'cjs' && name === 'perplexity') continue; // its newest has ES modules only
          for (const each of known[name]?.versions ?? []) {
            await using receiver = await startReceiver();
            const args = [file, `${name}=${name}-${each}=${providers.urls[name]}`];
            const at = { node, cwd: project.folder };
            const bare = await run([...options, ...args], {}, at);
            const recorded = await run([...hooks, ...args], sentTo(receiver), at);
            const isSame = JSON.stringify(recorded) === JSON.stringify(bare);
            cells.push(
              `${name} ${each}: ${receiver.traces.length} traces, ${isSame ? 'same output' : `other output: ${recorded.stderr || recorded.stdout}`}`,
            );
            expect(bare.code, bare.stderr).to.equal(0);
          }
        }
        console.log(cells.map((cell) => `        ${cell}`).join('\n'));
        expect(cells.filter((cell) => / 0 traces|other output/.test(cell))).to.deep.equal([]);
      });
    }
  }
});

describe('Frameworks without code', () => {
  let models: FakeModels;
  before(async function () {
    needFrameworks(this);
    models = await startModels(answer);
  });
  after(() => models?.[Symbol.asyncDispose]());

  const files = {
    mjs: 'auto-program.mjs',
    cjs: 'auto-program.cjs',
    'tsx first': 'auto-program.mjs',
    'tsx last': 'auto-program.mjs',
  };
  for (const version of nodes) {
    for (const [kind, options] of Object.entries(kinds)) {
      it(`Node ${version}, ${kind}`, async () => {
        const node = nodeOf(version);
        const file = join(root, 'spec/integrations/support', files[kind as keyof typeof files]);
        const hooks = kind === 'tsx last' ? [...options, ...auto] : [...auto, ...options];
        // Before 22.15 nothing sees an ES module that is loaded by `require()`.
        const isOld = Number.parseInt(version, 10) < 22 && kind === 'cjs';
        const used = runs.filter(([name]) => !(isOld && /^(?:ai=ai=|claude=)/.test(name)));
        await using receiver = await startReceiver();
        const args = [file, models.url, ...used.map(([name]) => name)];
        const bare = await run([...options, ...args], {}, { node });
        const recorded = await run([...hooks, ...args], sentTo(receiver), { node });
        expect(recorded).to.deep.equal(bare);
        expect(bare.code, bare.stderr).to.equal(0);
        expect(receiver.traces.map(treeOf).toSorted()).to.deep.equal(used.map(([, tree]) => tree).toSorted());
      });
    }
  }
});

function nodeOf(version: string): string {
  const path = execFileSync('npx', ['-y', '-p', `node@${version}`, '-c', 'which node'], {
    cwd: root,
    encoding: 'utf8',
  });
  return path.trim();
}
