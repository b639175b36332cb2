import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { root } from '../support/user-project.js';

const entry = JSON.stringify(pathToFileURL(join(root, 'dist/esm/index.js')).href);
const start = `import { flush, init, withTrace } from ${entry}; init({ flushIntervalMs: 600_000 });`;
const permission = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

/** Newer versions ask for this one, too. */
const network = Number.parseInt(process.versions.node, 10) >= 25 ? ['--allow-net'] : [];

/** Starts no thread of the package's, but one that ends at once. */
const dyingThreads = `
  import { syncBuiltinESMExports } from 'node:module';
  import threads from 'node:worker_threads';
  threads.Worker = class extends threads.Worker {
    constructor(code, options) { super('process.exit(7)', options); }
  };
  syncBuiltinESMExports();`;

/** The working directory is deleted, as that of a release that a newer one has replaced. */
const noFolder = `
  import { mkdtempSync, rmdirSync } from 'node:fs';
  const folder = mkdtempSync(${JSON.stringify(join(tmpdir(), 'gone-'))});
  process.chdir(folder);
  rmdirSync(folder);`;

const places = {
  'is not allowed': {
    flags: [permission, '--allow-fs-read=*', ...network],
    before: '',
    cause: /no worker thread \(.*WorkerThreads.*\)|no worker thread \(.*restricted.*\)/i,
  },
  'has no working directory': {
    flags: [],
    before: noFolder,
    cause: /no worker thread \(the working directory is gone\)/,
  },
  'dies before it is up': { flags: [], before: dyingThreads, cause: /no worker thread \(it ended\)/ },
};

describe('P35 Where a thread', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  function run(flags: readonly string[], code: string) {
    const settings = {
      PANDAPROBE_API_KEY: 'sk_pp_key',
      PANDAPROBE_PROJECT_NAME: 'p',
      PANDAPROBE_ENDPOINT: receiver.url,
    };
    const env = { PATH: process.env.PATH ?? '', ...settings };
    const args = ['--no-warnings', ...flags, '--input-type=module', '-e', code];
    const child = spawn(process.execPath, args, { cwd: root, env });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk;
    });
    const ended = once(child, 'close').then(([code]) => ({ code, lines: said.trim().split('\n') }));
    return { child, ended };
  }

  for (const [name, { flags, before, cause }] of Object.entries(places)) {
    describe(name, () => {
      it('sends each trace as soon as it ends, and says so in one line', async () => {
        const record = `withTrace('first', () => {}); process.stdin.once('data', () => withTrace('second', () => {}));`;
        const { child, ended } = run(flags, `${before}${start}${record}`);
        await receiver.until(() => receiver.traces.length === 1);
        child.stdin.write('go on\n');
        await receiver.until(() => receiver.traces.length === 2);
        child.stdin.end();
        const { code, lines } = await ended;
        expect(code).to.equal(0);
        expect(lines).to.have.lengthOf(1);
        expect(lines[0]).to.match(cause).and.to.include('sent from the main thread as soon as they end');
      });
    });
  }

  for (const name of ['is not allowed', 'has no working directory'] as const) {
    const { flags, before } = places[name];

    it(`${name}, delivers the records of a program that ends at once`, async () => {
      const { ended } = run(flags, `${before}${start}for (let i = 0; i < 20; i++) withTrace('x', () => {});`);
      const { code, lines } = await ended;
      expect([code, lines.length]).to.deep.equal([0, 1]);
      expect(receiver.traces).to.have.lengthOf(20);
    });

    it(`${name}, does not claim to have waited for items that are lost at the end`, async () => {
      const { ended } = run(flags, `${before}${start}withTrace('x', () => {}); process.exit(3);`);
      const { code, lines } = await ended;
      expect(code).to.equal(3);
      expect(lines).to.have.lengthOf(2);
      expect(lines[1])
        .to.match(/1 item could not be delivered .*await flush\(\)/)
        .and.not.to.include('exitTimeoutMs');
    });
  }
});
