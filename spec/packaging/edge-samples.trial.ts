import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { renderTrees } from '../../samples/tree.js';
import { checkBody } from '../support/contract.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { type Project, printed, run, settingsFor, startProject } from '../support/trial.js';
import { root } from '../support/user-project.js';
import { startWorker, type Worker, type WorkerOptions } from './workerd.js';

const versions = {
  ...{ miniflare: '4.20260426.0', hono: '4.13.19', deno: '2.9.6', bun: '1.4.4' },
  // What it imports besides is not among its dependencies.
  ...{ agents: '0.32.0', '@modelcontextprotocol/client': '2.4.0', '@modelcontextprotocol/server': '2.4.0' },
};

/** What a Worker of a sample is asked for, one after the other, and what it has to be set up with. */
const workers: Readonly<Record<string, { readonly ask: readonly string[]; readonly options: WorkerOptions }>> = {
  'hono-worker': { ask: ['/ana/weather'], options: {} },
  'durable-object': { ask: ['/e4', '/e5', '/end'], options: { durableObjects: { GAME: 'Game' } } },
  'cloudflare-agent': {
    ask: ['/agents/weather/ana'],
    options: {
      compatibilityDate: '2026-04-01',
      durableObjects: { Weather: { className: 'Weather', useSQLite: true } },
    },
  },
};

const programs = {
  'deno-serve': ['deno', 'run', '--no-prompt', '--no-lock', '--allow-net=127.0.0.1', '--allow-env'],
  'bun-serve': ['bun', 'run'],
};

const source = (name: string) => readFileSync(join(root, `samples/edge/${name}.ts`), 'utf8');

/** What stands in the first comment of a sample, below its first empty line. */
function promisedTree(name: string): string {
  const lines = source(name).split('\n');
  const comment = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith('//')),
  );
  return comment
    .slice(comment.indexOf('//') + 1)
    .map((line) => line.replace(/^\/\/ ?/, ''))
    .join('\n');
}

describe('The samples for edge runtimes', () => {
  let project: Project;
  let receiver: Receiver;
  before(async function () {
    project = await startProject(this, versions);
    const names = [...Object.keys(workers), ...Object.keys(programs)];
    await project.write({
      'package.json': '{ "private": true, "type": "module" }',
      ...Object.fromEntries(names.map((name) => [`${name}.ts`, source(name)])),
    });
  });
  after(() => project?.remove());
  beforeEach(async () => {
    receiver = await startReceiver({ check: checkBody });
  });
  afterEach(() => receiver.close());

  async function expectTree(name: string): Promise<void> {
    const promised = promisedTree(name);
    const count = promised.split('\n\n').length;
    await receiver.until(() => receiver.traces.length >= count);
    expect(renderTrees(receiver.traces, { durations: false })).to.equal(promised);
    expect(receiver.problems).to.deep.equal([]);
  }

  for (const [name, { ask, options }] of Object.entries(workers)) {
    it(`${name} delivers the tree its first comment shows`, async () => {
      let worker: Worker | undefined;
      try {
        worker = await startWorker(project, `${name}.ts`, {
          ...{ compatibilityFlags: ['nodejs_compat'], bindings: settingsFor(receiver.url) },
          ...options,
        });
        for (const path of ask) await worker.ask(path);
        await expectTree(name);
      } finally {
        await worker?.dispose();
      }
    });
  }

  for (const [name, [command = '', ...args]] of Object.entries(programs)) {
    it(`${name} delivers the tree its first comment shows, as the program ends`, async () => {
      const path = join(project.home, 'node_modules/.bin', command);
      const ran = run(path, [...args, `${name}.ts`], project.folder, settingsFor(receiver.url));
      expect(await printed(ran)).to.equal('It is 21 °C.\nIt is 21 °C.\n');
      const [ana = '', ben = ''] = promisedTree(name).split('\n\n');
      const trees = renderTrees(receiver.traces, { durations: false }).split('\n\n');
      expect(trees.toSorted()).to.deep.equal([ana, ben]);
      expect(receiver.problems).to.deep.equal([]);
    });
  }

  it('stay under 60 lines, and import nothing of this project but the package', () => {
    for (const name of [...Object.keys(workers), ...Object.keys(programs), 'next-route']) {
      expect(source(name).split('\n'), name).to.have.lengthOf.below(60);
      expect(source(name), name)
        .to.match(/from 'pandaprobe-ts'/)
        .and.not.to.match(/from '[.]/);
    }
  });
});
