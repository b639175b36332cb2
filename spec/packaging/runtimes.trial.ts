import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Answer, type Provider, type Seen, startProvider } from '../support/provider.js';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { linkProviders, type Project, type Ran, run, settingsFor, startProject } from '../support/trial.js';
import { root } from '../support/user-project.js';
import { chatStream } from '../wrappers/support/openai-chat-wire.js';

const program = readFileSync(join(root, 'spec/packaging/recording-program.mjs'), 'utf8');

/** What the program records. */
const trees = ['body(plan(search, search), answer)', 'handle(outer(inner))'];

const runtimes = [
  { name: 'Bun', versions: { bun: '1.4.5' }, command: 'bun', args: ['run'] },
  { name: 'Deno', versions: { deno: '2.9.6' }, command: 'deno', args: ['run', '--allow-all', '--no-lock'] },
];

function answerOf({ body }: Seen): Answer {
  const { model } = body as { model: string };
  if (model === 'hang') return { kind: 'hang' };
  if (model === 'refused') return { kind: 'json', status: 400, body: { error: { message: 'no such model' } } };
  return chatStream({ model: 'plain', messages: [], stream: true });
}

const endings = [
  { ending: 'none', title: 'that runs out of things to do', code: 0, stdout: '' },
  { ending: 'flush', title: 'that flushes', code: 0, stdout: 'ok, 2 delivered\n' },
  { ending: 'exit', title: 'that calls process.exit()', code: 3, stdout: '' },
];

for (const { name, versions, command, args } of runtimes) {
  describe(`On ${name} the package`, () => {
    let project: Project;
    let receiver: Receiver;
    let provider: Provider;
    before(async function () {
      project = await startProject(this, versions);
      await linkProviders(project);
      await project.write({
        'package.json': '{ "private": true, "type": "module" }',
        'program.mjs': program,
        'agent.ts': readFileSync(join(root, 'spec/packaging/agent-program.ts'), 'utf8'),
      });
      provider = await startProvider(answerOf);
    });
    after(async () => {
      await provider?.[Symbol.asyncDispose]();
      await project?.remove();
    });
    beforeEach(async () => {
      receiver = await startReceiver();
    });
    afterEach(() => receiver.close());

    for (const { ending, title, code, stdout } of endings) {
      it(`nests spans and delivers everything from a program ${title}`, async () => {
        const path = join(project.home, 'node_modules/.bin', command);
        const env = { ...settingsFor(receiver.url), ENDING: ending };
        const ran = await run(path, [...args, 'program.mjs'], project.folder, env);
        expect(ran).to.deep.equal({ code, stdout, stderr: '' });
        expect(receiver.traces.map(treeOf).toSorted()).to.deep.equal(trees);
      });
    }

    it('records decorators, a stream, a refusal, an abort, and two tenants at once', async () => {
      const path = join(project.home, 'node_modules/.bin', command);
      const ran = await run(path, [...args, 'agent.ts', receiver.url, provider.url], project.folder);
      const said = '["word","It is 21 °C","400 no such model","Request was aborted."]\n';
      expect(ran).to.deep.equal({ code: 0, stdout: said, stderr: '' });
      expect(receiver.traces.map(treeOf).toSorted()).to.deep.equal([
        ...['abort(openai-chat)', 'ask(again(search))', 'chat(openai-chat)'],
        ...['of a(one of a, two of a)', 'of b(one of b, two of b)', 'refused(openai-chat)'],
      ]);
      for (const { headers, body } of receiver.requests) {
        const tenant = / of (\w)$/.exec(` ${(body as { name: string }).name}`)?.[1];
        expect(headers['x-project-name']).to.equal(tenant ?? 'trial');
      }
      expect(JSON.stringify(receiver.trace('chat').spans[0]?.output)).to.include('It is 21 °C');
      for (const failed of ['abort', 'refused']) expect(receiver.trace(failed).status, failed).to.equal('ERROR');
    });

    it('delivers on the main thread when asked to', async () => {
      const path = join(project.home, 'node_modules/.bin', command);
      const env = { ...settingsFor(receiver.url), ENDING: 'flush', PANDAPROBE_WORKER: 'inline' };
      const ran = await run(path, [...args, 'program.mjs'], project.folder, env);
      expect(ran).to.deep.equal({ code: 0, stdout: 'ok, 2 delivered\n', stderr: '' });
      expect(receiver.traces.map(treeOf).toSorted()).to.deep.equal(trees);
    });
  });
}

describe('On Deno with no permission but the network, the package', () => {
  let project: Project;
  let receiver: Receiver;
  before(async function () {
    project = await startProject(this, { deno: '2.9.6' });
    await project.write({ 'package.json': '{ "private": true, "type": "module" }' });
  });
  after(() => project?.remove());
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  async function record(options: object): Promise<Ran> {
    const code = program
      .replace('init();', `init(${JSON.stringify(options)});`)
      .replaceAll('process.env.ENDING', `'flush'`);
    return runLimited(code);
  }

  async function runLimited(code: string): Promise<Ran> {
    await project.write({ 'program.mjs': code });
    const args = ['run', '--no-prompt', '--no-lock', '--allow-net=127.0.0.1', 'program.mjs'];
    return run(join(project.home, 'node_modules/.bin/deno'), args, project.folder);
  }
  const given = () => ({ endpoint: receiver.url, apiKey: 'sk_pp_key', projectName: 'trial' });

  it('records and delivers what the program gives it the settings for', async () => {
    expect(await record(given())).to.deep.equal({ code: 0, stdout: 'ok, 2 delivered\n', stderr: '' });
    expect(receiver.traces.map(treeOf).toSorted()).to.deep.equal(trees);
  });

  for (const [call, how] of [
    ['process.exit(3)', 'import process from "node:process";'],
    ['Deno.exit(3)', ''],
  ] as const) {
    it(`loses nothing when the program calls ${call} at once`, async () => {
      const code = `${how}
        import { init, withSpan, withTrace } from 'pandaprobe-ts';
        init(${JSON.stringify(given())});
        withTrace('last', () => withSpan('words', () => 1));
        ${call};`;
      expect(await runLimited(code)).to.deep.equal({ code: 3, stdout: '', stderr: '' });
      expect(receiver.traces.map(treeOf)).to.deep.equal(['last(words)']);
    });
  }

  it('loses nothing when the program gets a signal, and lets it end the program', async () => {
    const code = `import process from 'node:process';
      import { init, withTrace } from 'pandaprobe-ts';
      init(${JSON.stringify(given())});
      withTrace('last', () => 1);
      setTimeout(() => console.log('went on'), 20_000);
      process.kill(process.pid, 'SIGTERM');`;
    expect(await runLimited(code)).to.deep.equal({ code: 'SIGTERM', stdout: '', stderr: '' });
    expect(receiver.traces.map(({ name }) => name)).to.deep.equal(['last']);
  });

  it('delivers on the main thread, too', async () => {
    const ran = await record({ ...given(), worker: 'inline' });
    expect(ran).to.deep.equal({ code: 0, stdout: 'ok, 2 delivered\n', stderr: '' });
  });

  it('delivers without the spool that it may not write, and says so', async () => {
    const ran = await record({ ...given(), spoolDir: 'spool' });
    expect(ran).to.include({ code: 0, stdout: 'ok, 2 delivered\n' });
    expect(ran.stderr.trim().split('\n')).to.have.lengthOf(1);
    expect(ran.stderr).to.match(/^\[pandaprobe\] .*spool/);
  });

  it('is off, and lets the program run, where the settings are in variables that it may not read', async () => {
    const ran = await record({});
    expect(ran.code).to.equal(0);
    expect(ran.stderr).to.match(/^\[pandaprobe\] warning: no API key and no project name.*\n$/);
  });
});
