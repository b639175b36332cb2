import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  type Ended,
  endOf,
  id,
  known,
  type Running,
  runCli,
  spawnCli,
  startRunning,
  temporaryFolder,
  trace,
} from '../support/local-server.js';
import { starting, UsedOptions } from './used-options.js';

const used = new UsedOptions();
const note = (args: string) => used.note(args);

function cli(args: string, input?: string, env: Record<string, string> = {}): Promise<Ended> {
  note(args);
  return runCli(args.split(' '), input, env);
}

/** Commands that run until they are stopped, or start another program. */
describe('Commands that start something', () => {
  let running: Running;
  let env: Record<string, string>;
  const put = (body: object, project = 'spec') =>
    running.call('POST', '/traces', body, { ...known, 'X-Project-Name': project });

  before(async () => {
    running = await startRunning();
    env = { PANDAPROBE_ENDPOINT: running.server.url };
    await put(trace(2, { name: 'fresh' }));
  });
  after(() => running[Symbol.asyncDispose]());

  it('send no demo runs to a platform that only the variable names', async () => {
    const { code, err } = await cli('demo --runs 1', '', { PANDAPROBE_ENDPOINT: 'http://127.0.0.1:1' });
    expect(code).to.equal(2);
    expect(err).to.include('PANDAPROBE_ENDPOINT is http://127.0.0.1:1');
    const { out } = await cli('demo --runs 1 --json', '', env);
    expect(JSON.parse(out)).to.include({ url: running.server.url, traces: 1 });
  });

  it('open the viewer in the browser, or print where it is', async () => {
    const url = `${running.server.url}/#/trace/${id(2)}?project=spec`;
    const printed = await cli(`open ${id(2)} --print --project spec --key k`, '', env);
    expect([printed.code, printed.out]).to.deep.equal([0, `${url}\n`]);
    const list = await cli(`open --print --json --project spec --endpoint ${running.server.url}`);
    expect(JSON.parse(list.out)).to.deep.equal({ url: `${running.server.url}/#/traces?project=spec` });
    if (process.platform !== 'linux') return;
    await using folder = await temporaryFolder();
    const seen = join(folder.path, 'seen');
    const browser = join(folder.path, 'xdg-open');
    writeFileSync(browser, `#!/bin/sh\necho "$1" > ${seen}.part && mv ${seen}.part ${seen}\n`);
    chmodSync(browser, 0o755);
    expect(
      (await cli(`open ${id(2)} --project spec`, '', { ...env, PATH: `${folder.path}:/usr/bin:/bin` })).code,
    ).to.equal(0);
    while (!existsSync(seen)) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(readFileSync(seen, 'utf8')).to.equal(`${url}\n`);
    const none = await cli(`open --project spec`, '', { ...env, PATH: '/nowhere' });
    expect([none.code, none.err]).to.deep.equal([
      1,
      'pandaprobe-ts: no browser could be started: open the address yourself\n',
    ]);
  });

  it('follow a server, and wait for a project that is not there yet', async () => {
    const child = spawnCli([
      'tail',
      '--endpoint',
      running.server.url,
      '--project',
      'new',
      '--key',
      'k',
      '--count',
      '1',
    ]);
    note('tail --endpoint --project --key --count --json');
    const ended = endOf(child);
    child.stderr?.once('data', () => {
      const timer = setInterval(() => void put(trace(80), 'new'), 30);
      child.once('close', () => clearInterval(timer));
    });
    const { code, out, err } = await ended;
    expect([code, err]).to.deep.equal([0, 'There is no project new yet: waiting for its first trace.\n']);
    expect(out).to.include(id(80));
  });

  it('start servers with every option, and end them with Ctrl+C', async () => {
    await using folder = await temporaryFolder();
    for (const args of [
      `local --json --port 0 --file ${join(folder.path, 'a.db')} --host 127.0.0.1 --key s3 --allow-host name.test`,
      'local --json --port 0 --memory',
      `demo --json --port 0 --file ${join(folder.path, 'b.db')} --runs 2 --project d --key k --live`,
      'demo --json --port 0 --memory --runs 1',
    ]) {
      note(args);
      const child = spawnCli(args.split(' '));
      const ended = endOf(child);
      const line = await new Promise<string>((resolve) => child.stdout?.once('data', (data) => resolve(String(data))));
      const { url } = JSON.parse(line);
      expect((await fetch(`${url}/health`)).status).to.equal(200);
      child.kill('SIGINT');
      expect((await ended).code, args).to.equal(0);
    }
  });

  it('find nothing wrong if traces arrive', async () => {
    const settings = { ...env, PANDAPROBE_API_KEY: 'any', PANDAPROBE_PROJECT_NAME: 'spec' };
    const { code, out, err } = await cli('doctor --json', '', settings);
    expect(JSON.parse(out), err).to.include({ ok: true });
    expect(code).to.equal(0);
  });

  it('run a program with the named server, or with one of their own', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'run.db');
    for (const at of [
      `--endpoint ${running.server.url} --key any --project spec --json`,
      '--port 0 --memory --exit',
      `--port 0 --file ${file} --exit`,
    ]) {
      expect(await cli(`run ${at} -- ${process.execPath} -p 7`), at).to.deep.equal({ code: 0, out: '7\n', err: '' });
    }
    expect(existsSync(file)).to.equal(true);
  });

  it('have used every option above', () => {
    note('demo --endpoint'); // in cli.spec.ts
    note('mcp --endpoint --key --project --json'); // in ../integrations/mcp-command.spec.ts
    note('completions --json'); // in completions.spec.ts
    expect(used.missing((name) => starting.includes(name))).to.deep.equal([]);
  });
});
