import { spawn } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Finding } from '../../lib/local/doctor/finding.js';
import { endOf, root, temporaryFolder } from '../support/local-server.js';
import { type Receiver, startReceiver } from '../support/receiver.js';

const cli = join(root, 'dist/esm/cli.js');

describe('pandaprobe-ts doctor', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let receiver: Receiver;
  let status: number | undefined;
  before(async () => {
    folder = await temporaryFolder();
    receiver = await startReceiver({ behave: () => (status === undefined ? undefined : { status, body: {} }) });
    for (const [at, name, version] of [
      ['openai', 'openai', '6.49.0'],
      ['openai-old', 'openai', '3.3.0'],
      ['ai', 'ai', '7.0.1'],
      ['@langchain/core', '@langchain/core', '0.2.1'],
      ['@opentelemetry/api', '@opentelemetry/api', '1.10.0'],
      ['deep/node_modules/@opentelemetry/api', '@opentelemetry/api', '1.9.0'],
      ['deep/node_modules/pandaprobe-ts', 'pandaprobe-ts', '0.0.9'],
    ] as const) {
      await mkdir(join(folder.path, 'node_modules', at), { recursive: true });
      await writeFile(join(folder.path, 'node_modules', at, 'package.json'), JSON.stringify({ name, version }));
    }
    await symlink(root, join(folder.path, 'node_modules/pandaprobe-ts'), 'junction');
    const scripts = { start: 'node --import pandaprobe-ts/auto app.js', test: 'mocha' };
    await writeFile(join(folder.path, 'package.json'), JSON.stringify({ name: 'mine', scripts }));
    await writeFile(
      join(folder.path, '.env'),
      'PANDAPROBE_RELEASE=1\nexport PANDAPROBE_API_KEY=sk_pp_in_file\nOTHER=1\n',
    );
  });
  after(async () => {
    await receiver?.close();
    await folder?.[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    status = undefined;
  });

  async function doctor(
    env: Readonly<Record<string, string>>,
    args: readonly string[] = ['--json'],
    cwd = folder.path,
  ) {
    const few = { PATH: process.env.PATH ?? '', HOME: folder.path };
    const child = spawn(process.execPath, [cli, 'doctor', ...args], { cwd, env: { ...few, ...env } });
    const { code, out, err } = await endOf(child);
    expect(err).to.equal('');
    return { code, out };
  }
  const settings = () => ({
    PANDAPROBE_ENDPOINT: receiver.url,
    PANDAPROBE_API_KEY: 'sk_pp_secret',
    PANDAPROBE_PROJECT_NAME: 'mine',
  });
  const texts = (out: string, level: string) =>
    (JSON.parse(out) as { findings: Finding[] }).findings
      .filter((each) => each.level === level)
      .map(({ text }) => text);

  it('finds no fault if traces arrive, and names the source of each setting', async () => {
    const { code, out } = await doctor({ ...settings(), PANDAPROBE_AUTO: 'openai', NODE_OPTIONS: '--no-warnings' });
    expect(texts(out, 'fault')).to.deep.equal([]);
    expect(code).to.equal(0);
    expect(texts(out, 'ok')).to.include.members([
      'key: set, from PANDAPROBE_API_KEY',
      'project: mine, from PANDAPROBE_PROJECT_NAME',
      `endpoint: ${receiver.url}, from PANDAPROBE_ENDPOINT`,
      `${receiver.url} answers (200) and takes the key`,
      'openai 6.49.0: recorded by pandaprobe-ts/wrappers/openai',
      'ai 7.0.1: recorded by pandaprobe-ts/integrations/vercel-ai',
      'the script start of package.json loads pandaprobe-ts/auto',
      'PANDAPROBE_AUTO narrows it to openai',
    ]);
    const warnings = texts(out, 'warning');
    expect(warnings).to.include.members([
      'openai 3.3.0: not recorded; known are the versions 4 to 7',
      '@langchain/core 0.2.1: not recorded; known are the versions 0.3 and 1.x',
      'PANDAPROBE_RELEASE in .env: counts only where the program loads the file, such as by node --env-file',
    ]);
    expect(warnings.join('\n')).to.include('2 copies of pandaprobe-ts').and.include('2 versions (1.10.0, 1.9.0)');
  });

  it("finds the packages of Yarn's Plug'n'Play, each once", async () => {
    const at = join(folder.path, 'cache/anthropic');
    await mkdir(at, { recursive: true });
    await writeFile(join(at, 'package.json'), JSON.stringify({ name: '@anthropic-ai/sdk', version: '1.12.0' }));
    const locators = ['npm:1.12.0', 'virtual:a#npm:1.12.0'].map((reference) => ({
      name: '@anthropic-ai/sdk',
      reference,
    }));
    const api = `{
      getAllLocators: () => ${JSON.stringify([...locators, { name: 'other', reference: 'npm:1.0.0' }])},
      getPackageInformation: ({ reference }) => ({ packageLocation: reference + '/' }),
      resolveVirtual: () => ${JSON.stringify(at)},
    }`;
    const pnp = join(folder.path, 'pnp.cjs');
    await writeFile(pnp, `require('node:module').findPnpApi = () => (${api});`);
    const { out } = await doctor({ ...settings(), NODE_OPTIONS: `--require ${pnp}` });
    const found = texts(out, 'ok').filter((text) => text.startsWith('@anthropic-ai/sdk'));
    expect(found).to.deep.equal(['@anthropic-ai/sdk 1.12.0: recorded by pandaprobe-ts/wrappers/anthropic']);
  });

  it('reads the scripts of the project around a folder, and no `.env` that is a folder', async () => {
    await using project = await temporaryFolder();
    const inner = join(project.path, 'src/deep');
    await mkdir(join(inner, '.env'), { recursive: true });
    const scripts = { start: 'pandaprobe-ts run -- node app.js' };
    await writeFile(join(project.path, 'package.json'), JSON.stringify({ scripts }));
    const { code, out } = await doctor(settings(), ['--json'], inner);
    expect(code).to.equal(0);
    expect(texts(out, 'ok')).to.include('the script start of package.json records its program with pandaprobe-ts run');
  });

  it('never prints the key', async () => {
    for (const args of [[], ['--json']]) expect((await doctor(settings(), args)).out).to.not.match(/secret|in_file/);
  });

  const faults: readonly (readonly [
    env: Readonly<Record<string, string>>,
    answer: number | undefined,
    said: RegExp,
  ])[] = [
    [{ PANDAPROBE_API_KEY: '' }, undefined, /^no API key: nothing is recorded/],
    [{ PANDAPROBE_ENABLED: 'false' }, undefined, /^PANDAPROBE_ENABLED is false/],
    [{ PANDAPROBE_SAMPLE_RATE: '0' }, undefined, /^PANDAPROBE_SAMPLE_RATE is 0/],
    [{ PANDAPROBE_ENDPOINT: 'nowhere' }, undefined, /^PANDAPROBE_ENDPOINT: expected .*nothing is recorded$/],
    [{ PANDAPROBE_ENDPOINT: 'http://127.0.0.1:1' }, undefined, /does not answer \(ECONNREFUSED\)$/],
    [{}, 401, /does not take the key$/],
    [{}, 503, /answers 503$/],
    [{}, 404, /answers 404, and not as a backend of PandaProbe/],
    [{}, 200, /answers 200, and not as a backend of PandaProbe/],
  ];
  for (const [env, answer, said] of faults) {
    it(`ends with 1 for ${JSON.stringify(env)}${answer === undefined ? '' : ` and an answer of ${answer}`}`, async () => {
      status = answer;
      const { code, out } = await doctor({ ...settings(), ...env });
      expect(code).to.equal(1);
      const found = texts(out, 'fault');
      expect(found).to.have.lengthOf(1);
      expect(found[0]).to.match(said);
    });
  }
});
