import { expect } from 'chai';
import { runProgram } from './programs.js';

describe('The first handle of a program', () => {
  it('is current in the function that has opened it, and not in the one that waits for that', async () => {
    // In a program of its own: Node before 24 follows promises from the first time on that anything is current.
    const code = `
      import { init, MemorySink, startTrace, getCurrentTrace } from 'pandaprobe-ts';
      import { setTimeout as sleep } from 'node:timers/promises';
      init({ sinks: [new MemorySink()] });
      async function open() {
        await sleep(1);
        const trace = startTrace('own');
        await sleep(1);
        return getCurrentTrace() === trace;
      }
      console.log(await open(), getCurrentTrace());`;
    const { stdout } = await runProgram(['--input-type=module', '-e', code]);
    expect(stdout).to.equal('true undefined\n');
  });
});
