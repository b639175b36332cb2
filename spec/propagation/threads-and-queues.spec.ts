import { expect } from 'chai';
import { runProgram } from '../client/programs.js';
import { type Receiver, startReceiver } from '../support/receiver.js';

/** What a worker thread and a child process run: one job of a queue. */
const job = `
  import { withTrace, withSpan } from 'pandaprobe-ts';
  import { withRemoteParent } from 'pandaprobe-ts/propagation';
  export const work = (name, context) => withRemoteParent(context, () => withTrace(name, () => withSpan(name + ' step', () => {})));`;

const program = `
  ${job}
  import { execFileSync } from 'node:child_process';
  import { once } from 'node:events';
  import { Worker } from 'node:worker_threads';
  import { withSpan as within, withTrace as run } from 'pandaprobe-ts';
  import { inject, injectEnv, extract } from 'pandaprobe-ts/propagation';
  const code = ${JSON.stringify(job)};
  const thread = 'const { workerData } = await import("node:worker_threads"); work("thread", workerData.context);';
  const child = 'work("child", process.env);';
  const queue = [];
  await run('caller', async () => {
    await within('starts a thread', async () => {
      const worker = new Worker(code + thread, { eval: true, workerData: { context: inject() }, execArgv: ['--input-type=module'] });
      await once(worker, 'exit');
    });
    within('starts a child', () => {
      execFileSync(process.execPath, ['--input-type=module', '-e', code + child], { env: injectEnv(process.env), stdio: 'inherit' });
    });
    within('puts into a queue', () => queue.push(JSON.stringify({ context: extract(inject()) })));
  });
  for (const text of queue) work('queue', JSON.parse(text).context);`;

describe('Context through threads, processes and queues', () => {
  let receiver: Receiver;
  before(async () => {
    receiver = await startReceiver();
  });
  after(() => receiver.close());

  it('P36 is one trace of all, and nothing is lost at the end of each', async () => {
    const { code, stderr } = await runProgram(['--input-type=module', '-e', program], {
      env: {
        PANDAPROBE_API_KEY: 'sk_pp_canary_4f1d9a',
        PANDAPROBE_PROJECT_NAME: 'specs',
        PANDAPROBE_ENDPOINT: receiver.url,
        PANDAPROBE_EXIT_TIMEOUT_MS: '20000',
      },
    });
    expect(stderr).to.equal('');
    expect(code).to.equal(0);
    expect(receiver.traces).to.have.lengthOf(1);
    const trace = receiver.trace('caller');
    expect(trace.status).to.equal('COMPLETED');
    const names = new Map(trace.spans.map(({ span_id, name }) => [span_id, name]));
    const parents = trace.spans.map(
      ({ name, parent_span_id: parent }) => `${parent ? names.get(parent) : ''} > ${name}`,
    );
    expect(parents).to.have.members([
      ' > starts a thread',
      'starts a thread > thread',
      'thread > thread step',
      ' > starts a child',
      'starts a child > child',
      'child > child step',
      ' > puts into a queue',
      'puts into a queue > queue',
      'queue > queue step',
    ]);
  });
});
