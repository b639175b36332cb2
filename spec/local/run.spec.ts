import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { startProviders } from '../auto/providers.js';
import { program } from '../auto/ran.js';
import { endOf, type Running, root, startRunning, temporaryFolder } from '../support/local-server.js';

const cli = join(root, 'dist/esm/cli.js');

describe('pandaprobe-ts run', () => {
  let providers: Awaited<ReturnType<typeof startProviders>>;
  let running: Running;
  let data: Awaited<ReturnType<typeof temporaryFolder>>;
  before(async () => {
    providers = await startProviders();
    running = await startRunning();
    data = await temporaryFolder();
  });
  after(async () => {
    await providers?.[Symbol.asyncDispose]();
    await running?.[Symbol.asyncDispose]();
    await data?.[Symbol.asyncDispose]();
  });

  function start(args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = root) {
    const { PATH = '', HOME = '' } = process.env;
    const few = { PATH, HOME, XDG_DATA_HOME: data.path, NO_COLOR: '1', PANDAPROBE_LIVE: 'false' };
    return spawn(process.execPath, [cli, 'run', ...args], { cwd, env: { ...few, ...env } });
  }
  const node = (code: string) => ['--', process.execPath, '-e', code];

  it('runs a program that knows nothing of tracing, with a server of its own, and prints the address of its trace', async () => {
    const asked = `anthropic=@anthropic-ai/sdk=${providers.urls.anthropic}`;
    const child = start(['--memory', '--port', '0', '--', process.execPath, program('clients.mjs'), asked]);
    const { code, out, err } = await endOf(child);
    expect(code, err).to.equal(0);
    expect(out).to.match(/^@anthropic-ai\/sdk\nAnthropic true /);
    expect(err).to.match(
      /^pandaprobe-ts: anthropic-messages COMPLETED \d+\.\d\d s http:\/\/127\.0\.0\.1:\d+\/#\/trace\/[0-9a-f-]{36}\?project=pandaprobe-ts\n$/,
    );
  });

  it('uses the named server, and prints no earlier trace from elsewhere', async () => {
    const asked = `openai=openai=${providers.urls.openai}`;
    const at = ['--endpoint', running.server.url, '--project', 'mine', '--json'];
    const { code, err } = await endOf(start([...at, '--', process.execPath, program('clients.cjs'), asked]));
    expect(code).to.equal(0);
    const lines = err
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { name: string; url: string });
    const names = [...Array<string>(5).fill('openai-chat'), 'openai-response'];
    expect(lines.map(({ name }) => name)).to.have.members(names);
    expect(new Set(lines.map(({ url }) => url)).size).to.equal(names.length);
    const again = await endOf(start([...at, ...node('process.stdout.write("x")')]));
    expect(again).to.deep.equal({ code: 0, out: 'x', err: '' });
  });

  it('names the project after the package around the folder, not after the folder', async () => {
    const folder = join(data.path, 'the app');
    await mkdir(join(folder, 'src'), { recursive: true });
    const code = 'console.log(process.env.PANDAPROBE_PROJECT_NAME)';
    const args = ['--endpoint', running.server.url, ...node(code)];
    expect(await endOf(start(args, {}, join(folder, 'src')))).to.deep.equal({ code: 0, out: 'src\n', err: '' });
    await writeFile(join(folder, 'package.json'), '{ "name": "@acme/app" }');
    expect(await endOf(start(args, {}, join(folder, 'src')))).to.deep.equal({ code: 0, out: 'acme-app\n', err: '' });
  });

  it('passes standard input, settings and its own options to the program', async () => {
    const code = `process.stdin.pipe(process.stdout);
      process.stdin.on('end', () => console.log(process.env.PANDAPROBE_PROJECT_NAME, process.env.NODE_OPTIONS.split(' ')[0]))`;
    const child = start(['--endpoint', running.server.url, ...node(code)], { NODE_OPTIONS: '--no-warnings' });
    child.stdin.end('given\n');
    expect(await endOf(child)).to.deep.equal({ code: 0, out: 'given\npandaprobe-ts --no-warnings\n', err: '' });
  });

  it('starts a program whose first file is compiled by a hook of require(), as with ts-node', async () => {
    const hook = join(data.path, 'hook.cjs');
    const file = join(data.path, 'first.other');
    await writeFile(
      hook,
      "require.extensions['.other'] = (module) => module._compile('console.log(1)', module.filename)",
    );
    await writeFile(file, 'not JavaScript');
    const child = start(['--endpoint', running.server.url, '--', process.execPath, '--require', hook, file]);
    expect(await endOf(child)).to.deep.equal({ code: 0, out: '1\n', err: '' });
  });

  it('exits as the program does: with its exit code, or by its signal', async () => {
    const at = ['--endpoint', running.server.url];
    expect(await endOf(start([...at, ...node('process.exit(42)')]))).to.include({ code: 42 });
    const killed = start([...at, ...node("process.kill(process.pid, 'SIGKILL')")]);
    await endOf(killed);
    expect(killed.signalCode).to.equal('SIGKILL');
    const missing = await endOf(start([...at, '--', 'no-such-program-here']));
    expect(missing).to.deep.equal({
      code: 127,
      out: '',
      err: 'pandaprobe-ts: no-such-program-here cannot be run: there is no such program\n',
    });
    const folder = await endOf(start([...at, '--', './spec']));
    expect(folder).to.deep.equal({
      code: 127,
      out: '',
      err: 'pandaprobe-ts: ./spec cannot be run: it is a folder, or a file that is not executable\n',
    });
    expect(await endOf(start([]))).to.include({ code: 2 });
  });

  it('passes a signal on, and exits as the program does after it', async () => {
    for (const [ending, code, signal] of [
      ["process.on('SIGTERM', () => process.exit(9))", 9, null],
      ['', null, 'SIGTERM'],
    ] as const) {
      const child = start([
        '--endpoint',
        running.server.url,
        ...node(`${ending};console.log('up');setInterval(() => {}, 9e4)`),
      ]);
      child.stdout.once('data', () => child.kill('SIGTERM'));
      await endOf(child);
      expect({ code: child.exitCode, signal: child.signalCode }).to.deep.equal({ code, signal });
    }
  });
});
