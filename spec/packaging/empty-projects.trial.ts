import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { packed, printed, run, settingsFor } from '../support/trial.js';
import { root } from '../support/user-project.js';

const program = readFileSync(join(root, 'spec/packaging/recording-program.mjs'), 'utf8');
const [, names = '', body = ''] = /^[\s\S]*?import (\{.*?\}) from 'pandaprobe-ts';\n([\s\S]*)$/.exec(program) ?? [];

/** The same program by the module kind of its project. */
const kinds = {
  module: program,
  commonjs: `const ${names} = require('pandaprobe-ts');\nasync function main() {${body}}\nmain();\n`,
};

const trees = ['body(plan(search, search), answer)', 'handle(outer(inner))'];
const quiet = { npm_config_update_notifier: 'false', npm_config_loglevel: 'error' };

const [thisMajor = ''] = process.versions.node.split('.');
const otherMajors = ['22', '24', '26'].filter((major) => major !== thisMajor);

describe('An empty project with the tarball installed', () => {
  let work: string;
  let receiver: Receiver;
  /** Where the Node of a major version is; those that cannot be had are left out. */
  const nodes = new Map([[thisMajor, process.execPath]]);

  before(async () => {
    work = await mkdtemp(join(tmpdir(), 'empty-projects-'));
    const tarball = await packed();
    const installing = Object.entries(kinds).map(async ([type, text]) => {
      const folder = join(work, type);
      await mkdir(folder);
      await writeFile(join(folder, 'package.json'), JSON.stringify({ name: `empty-${type}`, private: true, type }));
      await writeFile(join(folder, 'program.js'), text);
      const flags = ['--no-audit', '--no-fund', '--prefer-offline'];
      await printed(run('npm', ['install', tarball, ...flags], folder, quiet));
    });
    const finding = otherMajors.map(async (major) => {
      const args = ['-y', '-p', `node@${major}`, '--', 'node', '-p', 'process.execPath'];
      const { code, stdout } = await run('npx', args, work, quiet);
      if (code === 0) nodes.set(major, stdout.trim());
      else console.log(`      left out: Node ${major} cannot be had`);
    });
    await Promise.all([...installing, ...finding]);
  });
  after(() => rm(work, { recursive: true, force: true }));
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  for (const type of Object.keys(kinds)) {
    for (const major of [thisMajor, ...otherMajors]) {
      it(`records and delivers as ${type} on Node ${major}`, async function () {
        const node = nodes.get(major);
        if (node === undefined) return this.skip();
        for (const [ending, stdout] of Object.entries({ none: '', flush: 'ok, 2 delivered\n' })) {
          const env = { ...settingsFor(receiver.url), ENDING: ending };
          const ran = await run(node, ['--trace-warnings', 'program.js'], join(work, type), env);
          expect(ran).to.deep.equal({ code: 0, stdout, stderr: '' });
        }
        expect(receiver.traces.map(treeOf).toSorted()).to.deep.equal([...trees, ...trees].toSorted());
      });
    }
  }

  describe('the command line, by npx', () => {
    const npx = (args: readonly string[], node: string, folder = join(work, 'module')) => {
      const PATH = `${dirname(node)}${delimiter}${process.env.PATH}`;
      return run('npx', ['--no', 'pandaprobe-ts', ...args], folder, { ...quiet, PATH });
    };

    it('says what to install where Node has no SQLite', async function () {
      if (thisMajor !== '20') return this.skip();
      const { code, stdout, stderr } = await npx(['local', '--port', '0', '--memory'], process.execPath);
      expect(stderr).to.match(/^pandaprobe-ts: Node 20\S+ comes without SQLite\..*npm install libsql\n$/);
      expect({ code, stdout }).to.deep.equal({ code: 6, stdout: '' });
    });

    it('starts a server, fills it, lists what is there, and ends at Ctrl+C', async function () {
      const node = ['22', '24', '26'].map((major) => nodes.get(major)).find((path) => path !== undefined);
      if (node === undefined) return this.skip();
      const PATH = `${dirname(node)}${delimiter}${process.env.PATH}`;
      const { HOME = '' } = process.env;
      const server = spawn('npx', ['--no', 'pandaprobe-ts', 'local', '--port', '0', '--memory', '--json'], {
        cwd: join(work, 'module'),
        env: { PATH, HOME, ...quiet },
        // A group of its own, as a terminal makes it: the signal goes to all that npx has started.
        detached: true,
      });
      const ended = once(server, 'exit');
      try {
        let said = '';
        server.stderr.on('data', (chunk: Buffer) => {
          said += chunk;
        });
        const first = once(createInterface(server.stdout), 'line');
        const [line] = await Promise.race([first, ended.then(() => expect.fail(`it ended:\n${said}`))]);
        const { url }: { url: string } = JSON.parse(String(line));
        const demo = await printed(npx(['demo', '--endpoint', url, '--runs', '3'], node));
        expect(demo).to.match(/^3 traces sent to project demo\./);
        const list = await printed(npx(['list', '--endpoint', url, '--json'], node));
        expect(list.trim().split('\n')).to.have.lengthOf(3);
        expect(said).to.equal('');
      } finally {
        if (server.pid !== undefined) process.kill(-server.pid, 'SIGINT');
        await ended;
      }
    });
  });
});
