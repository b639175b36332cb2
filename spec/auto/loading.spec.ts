import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { root } from '../support/user-project.js';
import { startProviders } from './providers.js';
import { auto, program, run, sentTo } from './ran.js';

const module = ['--input-type=module'];
const required = ['--require', 'pandaprobe-ts/auto'];
const guestHooks = JSON.stringify(pathToFileURL(program('guest-hooks.mjs')).href);
/** Adds another tool's hooks, as OpenTelemetry's and Sentry's set-up do. */
const guest = ['--import', `data:text/javascript,import { register } from 'node:module'; register(${guestHooks});`];

const esModule = join(root, 'node_modules/openai/index.mjs');

/** Asks OpenAI's model once, from an ES module or from CommonJS. */
const asks = `import('openai').then(async ({ default: OpenAI }) => {
  const client = new OpenAI({ apiKey: 'k', baseURL: process.env.MODEL_URL, maxRetries: 0 });
  const { choices } = await client.chat.completions.create({ model: 'plain', messages: [{ role: 'user', content: 'Hi' }] });
  console.log(choices[0].message.content);
});`;
const inThread = `new (process.getBuiltinModule('node:worker_threads').Worker)(process.env.FILE);`;
const inFork = `process.getBuiltinModule('node:child_process').fork(process.env.FILE);`;
const registers = `register(${guestHooks});`;
const registersLate = `setTimeout(() => { ${registers} ${asks} });`;

/** The ways in which a program comes to load a client. `FILE` stands for a file of CommonJS that asks. */
const ways: Readonly<Record<string, readonly string[]>> = {
  'an ES module': [...auto, ...module, '-e', asks],
  'CommonJS that imports': [...auto, '-e', asks],
  'a .cjs file that imports': [...auto, 'FILE'],
  'standard input': [...auto, '-'],
  'a thread': [...auto, '-e', inThread],
  'a forked process': [...auto, '-e', inFork],
  'tsx before': ['--import', 'tsx', ...auto, ...module, '-e', asks],
  'tsx after': [...auto, '--import', 'tsx', ...module, '-e', asks],
  'tsx after, CommonJS': [...auto, '--import', 'tsx', 'FILE'],
  'the hooks of another before': [...guest, ...auto, ...module, '-e', asks],
  'the hooks of another after': [...auto, ...guest, ...module, '-e', asks],
  'the hooks of another, by a flag': ['--no-warnings', '--loader', program('guest-hooks.mjs'), ...auto, 'FILE'],
  'hooks that the program adds': [...auto, ...module, '-e', `import { register } from 'node:module'; ${registersLate}`],
  'hooks that CommonJS adds': [...auto, '-e', `const { register } = require('node:module'); ${registersLate}`],
  'hooks added by what was taken before': [
    ...['--require', 'HOLDER', ...auto],
    ...['-e', `const { register } = globalThis.holder; ${registersLate}`],
  ],
  '--require': [...required, ...module, '-e', asks],
  '--require, CommonJS': [...required, 'FILE'],
  '--require, a thread': [...required, '-e', inThread],
  '--require, and the hooks of another': [...required, ...guest, ...module, '-e', asks],
  '--require, and the hooks of another by a flag': [
    ...['--no-warnings', '--loader', program('guest-hooks.mjs'), ...required],
    ...[...module, '-e', asks],
  ],
  'stacks cut off': [...auto, ...module, '-e', `Error.stackTraceLimit = 0; ${asks}`],
  'stacks prepared': [...auto, ...module, '-e', `Error.prepareStackTrace = () => 'mine'; ${asks}`],
};
const old = !('registerHooks' in process.getBuiltinModule('node:module'));
const threads = `console.log(process.report.getReport().workers.length);`;

describe('A client that is loaded', function () {
  this.timeout(120_000);
  let folder: string;
  let file: string;
  let holder: string;
  let receiver: Receiver;
  let providers: Awaited<ReturnType<typeof startProviders>>;
  before(async () => {
    providers = await startProviders();
    folder = await mkdtemp(join(tmpdir(), 'auto-loading-'));
    const from = JSON.stringify(pathToFileURL(esModule).href);
    file = join(folder, 'asks.cjs');
    await writeFile(file, asks.replace("'openai'", from));
    holder = join(folder, 'holder.cjs');
    await writeFile(holder, "globalThis.holder = { ...require('node:module') };");
  });
  after(async () => {
    await providers?.[Symbol.asyncDispose]();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver?.close());

  for (const [way, args] of Object.entries(ways)) {
    it(`is recorded once: ${way}`, async () => {
      const named = ['--no-deprecation', ...args].map((arg) => ({ FILE: file, HOLDER: holder })[arg] ?? arg);
      const env = { ...sentTo(receiver), MODEL_URL: `${providers.urls.openai}/v1`, FILE: file };
      const ran = await run(named, env, { input: asks });
      expect({ ...ran, stdout: ran.stdout.length > 0 }).to.deep.equal({ code: 0, stdout: true, stderr: '' });
      expect(receiver.traces.map(treeOf)).to.deep.equal(['openai-chat(openai-chat)']);
    });
  }

  it('is recorded once: the command tsx, with NODE_OPTIONS', async () => {
    const env = { ...sentTo(receiver), MODEL_URL: `${providers.urls.openai}/v1`, NODE_OPTIONS: auto.join(' ') };
    const ran = await run([join(root, 'node_modules/tsx/dist/cli.mjs'), file], env);
    expect({ ...ran, stdout: ran.stdout.length > 0 }).to.deep.equal({ code: 0, stdout: true, stderr: '' });
    expect(receiver.traces.map(treeOf)).to.deep.equal(['openai-chat(openai-chat)']);
  });

  it('has an unchanged text for a program that reads the file', async () => {
    const client = join(dirname(esModule), 'client.mjs');
    const reads = `const { pathToFileURL } = require('node:url');
      const { readFile } = require('node:fs/promises');
      const url = pathToFileURL(${JSON.stringify(client)});
      readFile(url).then((text) => console.log(text.length, text.includes('pandaprobe')));`;
    const [bare, ours] = await Promise.all([run(['-e', reads]), run([...auto, '-e', reads], sentTo(receiver))]);
    expect(ours).to.deep.equal(bare);
    expect(ours.stdout).to.match(/^\d+ false\n$/);
  });

  it('starts no thread if nobody else has load hooks', async () => {
    const { stdout } = await run([...auto, ...module, '-e', threads], sentTo(receiver));
    expect(stdout).to.equal('0\n');
  });

  it('shares the thread of other load hooks', async function () {
    if (!old) return this.skip(); // nor is there one for others
    const { stdout } = await run([...guest, ...auto, ...module, '-e', threads], sentTo(receiver));
    expect(stdout).to.equal('1\n');
  });
});
