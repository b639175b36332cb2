import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { runCode, runProgram, variables } from './programs.js';

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));

describe('In an application', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  for (const [title, ending, stdout] of [
    ['exit', 'exit', '0 0\n'],
    ['are disconnected', 'disconnect', '0 0\n'],
    ['are sent SIGTERM', 'signal', 'SIGTERM SIGTERM\n'],
  ] as const) {
    it(`P1 delivers what the workers of a cluster recorded when they ${title}`, async () => {
      const ended = await runProgram([file('cluster.mjs'), ending], { env: variables(receiver.url) });
      expect(ended).to.deep.equal({ code: 0, signal: null, stdout, stderr: '' });
      expect(receiver.traces).to.have.length(200);
    });
  }

  it('P15 warns of no leak of listeners, whatever the number of clients, and leaves none behind', async () => {
    const code = `
      import { Client, init, shutdown } from 'pandaprobe-ts';
      const count = () => process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
      const before = count();
      const clients = Array.from({ length: 40 }, () => new Client({ worker: 'inline' }));
      clients.forEach((client, i) => client.trace('trace ' + i).end());
      for (let i = 0; i < 20; i += 1) init();
      await Promise.all(clients.map((client) => client.shutdown()));
      await shutdown();
      console.log(count() - before);`;
    const ended = await runCode(code, variables(receiver.url));
    expect(ended).to.deep.equal({ code: 0, signal: null, stdout: '0\n', stderr: '' });
    expect(receiver.traces).to.have.length(40);
  });

  it('P15 lets mocha end by itself when a suite never shuts down', async () => {
    const mocha = file('../../node_modules/mocha/bin/mocha.js');
    const args = [mocha, '--no-config', '--no-package', '--no-exit', file('suite.mjs')];
    const { code, signal, stdout, stderr } = await runProgram(args, { env: variables(receiver.url) });
    expect({ code, signal, stderr }).to.deep.equal({ code: 0, signal: null, stderr: '' });
    expect(stdout).to.include('1 passing');
    expect(receiver.traces).to.have.length(1);
  });
});
