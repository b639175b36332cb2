import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { variables } from './programs.js';

/** Runs a command as process 1 of a process namespace of its own, as container runtimes do. Needs Linux and its permission. */
const asInit = ['--pid', '--fork', '--mount-proc', '--kill-child'];
const mayRun = () => process.platform === 'linux' && spawnSync('unshare', [...asInit, 'true']).status === 0;

describe('A program that is process 1 of its container', () => {
  let receiver: Receiver;
  before(function () {
    if (!mayRun()) this.skip();
  });
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    it(`P30 goes on after ${signal}, which has no effect on it, delivers what is there, and at its end the rest`, async () => {
      const code = `
        import { startTrace, withTrace } from 'pandaprobe-ts';
        const t = startTrace('open');
        withTrace('before', () => {});
        console.log('ready');
        process.stdin.once('data', () => {
          t.setOutput('finished').end();
          withTrace('after', () => {});
          process.exit(3);
        });`;
      const { PATH = '' } = process.env;
      const env = { PATH, PANDAPROBE_LIVE: 'false', PANDAPROBE_FLUSH_INTERVAL_MS: '60000', ...variables(receiver.url) };
      const cwd = fileURLToPath(new URL('../..', import.meta.url));
      const outer = spawn('unshare', [...asInit, process.execPath, '--input-type=module', '-e', code], { cwd, env });
      const ended = once(outer, 'close');
      await once(createInterface(outer.stdout), 'line');
      const inner = Number(readFileSync(`/proc/${outer.pid}/task/${outer.pid}/children`, 'utf8'));
      process.kill(inner, signal);
      await receiver.until(() => receiver.traces.some(({ name }) => name === 'before'));
      outer.stdin.write('go on\n');
      expect(await ended).to.deep.equal([3, null]);
      const named = receiver.traces.map(({ name, output }) => [name, output]);
      expect(named).to.have.deep.members([
        ['before', undefined],
        ['open', 'finished'],
        ['after', undefined],
      ]);
    });
  }
});
