import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { build } from 'esbuild';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { root } from '../support/user-project.js';

const run = promisify(execFile);

const program = `
  const { startupSnapshot } = require('node:v8');
  const { flush, init, withTrace } = require('pandaprobe-ts');
  startupSnapshot.setDeserializeMainFunction(async () => {
    init();
    withTrace('from a snapshot', () => {});
    await flush();
    withTrace('at the end', () => {});
  });`;

describe('P35 In a process from a snapshot', () => {
  let folder: string;
  let receiver: Receiver;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pandaprobe-snapshot-'));
    receiver = await startReceiver();
  });
  after(async () => {
    await receiver.close();
    await rm(folder, { recursive: true });
  });

  it('delivers traces, and the process ends as usual', async () => {
    const outfile = join(folder, 'program.cjs');
    const stdin = { contents: program, resolveDir: root };
    await build({ stdin, outfile, bundle: true, platform: 'node', format: 'cjs', logLevel: 'silent' });
    const blob = join(folder, 'program.blob');
    await run(process.execPath, ['--snapshot-blob', blob, '--build-snapshot', outfile]);
    const env = {
      PANDAPROBE_API_KEY: 'sk_pp_key',
      PANDAPROBE_PROJECT_NAME: 'p',
      PANDAPROBE_ENDPOINT: receiver.url,
    };
    await run(process.execPath, ['--snapshot-blob', blob], { env });
    expect(receiver.traces.map(({ name }) => name)).to.deep.equal(['from a snapshot', 'at the end']);
  });
});
