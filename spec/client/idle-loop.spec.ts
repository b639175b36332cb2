import { expect } from 'chai';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { runProgram, variables } from './programs.js';

/** A program that waits for connections and does nothing else; it ends when it is told to. */
const idle = `
  import { createServer } from 'node:net';
  import { init, withTrace } from 'pandaprobe-ts';
  createServer().listen(0, '127.0.0.1');
  init({ flushIntervalMs: 600_000, batchSize: 1 });
  const record = (name) => withTrace(name, () => {});`;

describe('A program whose loop waits for something else', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  for (const worker of ['thread', 'inline']) {
    it(`sends a batch when it is full, not at the next event, ${worker}`, async () => {
      // The next event of the loop is seconds away, and must not have been waited for.
      const code = `${idle}
        record('first');
        setTimeout(() => record('second'), 300);
        setTimeout(() => process.stdout.write('event'), 3500);
        process.once('SIGUSR2', () => process.exit(3));
`;
      const ended = await runProgram(['--input-type=module', '-e', code], {
        env: { ...variables(receiver.url), PANDAPROBE_WORKER: worker },
        until: { signal: 'SIGUSR2', when: receiver.until(() => receiver.traces.length === 2) },
      });
      expect(ended).to.include({ code: 3, stdout: '' });
      expect(receiver.traces.map(({ name }) => name)).to.deep.equal(['first', 'second']);
    });
  }
});
