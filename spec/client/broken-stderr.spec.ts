import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { checkBody } from '../support/contract.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { variables } from './programs.js';

/** Runs code whose stderr is a pipe that nobody reads any more, and returns its exit code and what it printed on stdout. */
async function runUnread(code: string, env: Readonly<Record<string, string>>) {
  // The program waits for the end of its stdin, which comes after its stderr has been closed.
  const waiting = `for await (const _ of process.stdin);\n${code}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', waiting], {
    env: { PATH: process.env.PATH ?? '', PANDAPROBE_LIVE: 'false', ...env },
    timeout: 25_000,
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.destroy();
  await once(child.stderr, 'close');
  child.stdin.end();
  const [exitCode] = await once(child, 'close');
  return { exitCode, stdout };
}

const later = "await new Promise((resolve) => setTimeout(resolve, 20));\nconsole.log('goes on');";

describe('A program whose stderr is broken', () => {
  let receiver: Receiver;

  beforeEach(async () => {
    receiver = await startReceiver({ check: checkBody });
  });
  afterEach(() => receiver.close());

  it('goes on after a line of the log', async () => {
    const code = `import { withTrace } from 'pandaprobe-ts';\nwithTrace('t', () => {});\n${later}`;
    expect(await runUnread(code, {})).to.deep.equal({ exitCode: 0, stdout: 'goes on\n' });
  });

  it('goes on after many lines of the log and trees of the console sink, and delivers its traces', async () => {
    const code = `
      import { withTrace } from 'pandaprobe-ts';
      for (let i = 0; i < 3; i += 1) withTrace('t', () => {});
      ${later}
      withTrace('t', () => {});
      ${later}`;
    const env = { ...variables(receiver.url), PANDAPROBE_CONSOLE: 'true', PANDAPROBE_DEBUG: 'true' };
    expect(await runUnread(code, env)).to.deep.equal({ exitCode: 0, stdout: 'goes on\ngoes on\n' });
    expect(receiver.traces).to.have.lengthOf(4);
  });

  it('ends by the error of a write of its own, as without this package', async () => {
    const code = `
      import { withTrace } from 'pandaprobe-ts';
      withTrace('t', () => {});
      await new Promise((resolve) => setTimeout(resolve, 20));
      process.stderr.write('its own');
      ${later}`;
    expect(await runUnread(code, {})).to.deep.equal({ exitCode: 1, stdout: '' });
  });
});
