import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { type Project, packed, run, settingsFor, startProject } from '../support/trial.js';
import { root } from '../support/user-project.js';

/** How Yarn's own `yarn node` starts Node. */
const flags = ['--require', './.pnp.cjs'];
const kinds = {
  'program.mjs': [...flags, '--no-warnings', '--experimental-loader', './.pnp.loader.mjs'],
  'program.cjs': flags,
};

/** How the machine reaches a registry: Yarn reads no settings of npm's. */
const network = Object.fromEntries(
  Object.entries(process.env).flatMap(([key, value = '']) =>
    /^(?:NODE_EXTRA_CA_CERTS|https?_proxy|no_proxy)$/i.test(key) ? [[key, value]] : [],
  ),
);

describe('A project of Yarn without node_modules (PnP)', () => {
  let yarn: Project;
  let folder: string;
  let cli: string;
  let receiver: Receiver;
  before(async function () {
    yarn = await startProject(this, { '@yarnpkg/cli-dist': '4.18.1' });
    folder = await mkdtemp(join(tmpdir(), 'pnp-'));
    await cp(await packed(), join(folder, 'pandaprobe-ts.tgz'));
    const dependencies = { 'pandaprobe-ts': 'file:./pandaprobe-ts.tgz' };
    await writeFile(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'app', private: true, type: 'module', dependencies }),
    );
    const settings = ['nodeLinker: pnp', 'enableTelemetry: false', 'enableGlobalCache: false', 'enableScripts: false'];
    await writeFile(join(folder, '.yarnrc.yml'), settings.join('\n'));
    await writeFile(join(folder, 'yarn.lock'), '');
    const program = await readFile(join(root, 'spec/packaging/ending-program.mjs'), 'utf8');
    await writeFile(join(folder, 'program.mjs'), program);
    const required = program.replace(/^import (.*) from 'pandaprobe-ts';$/m, "const $1 = require('pandaprobe-ts');");
    await writeFile(join(folder, 'program.cjs'), required);
    cli = join(yarn.home, 'node_modules/@yarnpkg/cli-dist/bin/yarn.js');
    const { code, stdout } = await run(process.execPath, [cli, 'install'], folder, network);
    expect(code, stdout).to.equal(0);
    receiver = await startReceiver();
  });
  after(async () => {
    await receiver?.close();
    await yarn?.remove();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  it('is seen by doctor', async () => {
    const { stdout } = await run(process.execPath, [cli, 'pandaprobe-ts', 'doctor'], folder, settingsFor(receiver.url));
    expect(stdout).to.include('one copy of pandaprobe-ts is installed');
  });

  for (const [program, args] of Object.entries(kinds)) {
    it(`delivers 100 of 100 traces of ${program} however it ends`, async () => {
      for (const [ending, code] of Object.entries({ exit: 3, throw: 1, SIGTERM: 'SIGTERM', none: 0 })) {
        const before = receiver.traces.length;
        const env = { ...settingsFor(receiver.url), ENDING: ending, PANDAPROBE_EXIT_TIMEOUT: '60' };
        const ran = await run(process.execPath, [...args, program], folder, env);
        expect(ran, ending).to.include({ code, stdout: '' });
        expect(ran.stderr, ending).not.to.match(/^\[pandaprobe\]/m);
        expect(receiver.traces.length - before, ending).to.equal(100);
      }
    });
  }
});
