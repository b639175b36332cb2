import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { checkBody } from '../support/contract.js';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { type Ending, type Kill, runCode, runProgram, variables } from './programs.js';

const program = fileURLToPath(new URL('endings.mjs', import.meta.url));

const at = (signal: NodeJS.Signals): Kill => ({ signal, at: 'ready' });

/** Ways to end: title, argument of the program, signal sent to it. */
const endings: readonly (readonly [title: string, ending: string, kill?: Kill])[] = [
  ['runs off the end', 'return'],
  ['runs off the end with an exit code', 'return-with-code'],
  ['calls process.exit(0)', 'exit-0'],
  ['calls process.exit(3) in a promise', 'exit-3-in-promise'],
  ['calls process.exit() in an exit listener of its own', 'exit-in-own-exit-listener'],
  ['throws an exception that nobody catches', 'uncaught-exception'],
  ['has a listener of its own for uncaught exceptions', 'own-exception-listener'],
  ['leaves a rejection unhandled', 'unhandled-rejection'],
  ['leaves a rejection with a text unhandled', 'unhandled-string'],
  ['is sent SIGTERM', 'signal', at('SIGTERM')],
  ['is sent SIGINT', 'signal', at('SIGINT')],
  ['is sent SIGHUP', 'signal', at('SIGHUP')],
  ['has a SIGTERM listener of its own', 'own-signal-listener', at('SIGTERM')],
  ['has a SIGTERM listener of its own that exits', 'own-signal-listener-that-exits', at('SIGTERM')],
  ['is sent SIGTERM while signal-exit listens, too', 'signal-exit', at('SIGTERM')],
];

const expectedTrees = Array.from({ length: 100 }, (_, i) => `trace ${i}(step)`).sort();

describe('P1 The end of the process', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver({ check: checkBody });
  });
  afterEach(() => receiver.close());

  for (const [title, ending, kill] of endings) {
    it(`P1 delivers 100 of 100 traces and changes nothing when the program ${title}`, async () => {
      const run = (mode: string): Promise<Ending> =>
        runProgram([program, ending, mode], { env: variables(receiver.url), kill });
      const [bare, traced] = await Promise.all([run('bare'), run('traced')]);
      expect(traced).to.deep.equal(bare);
      expect(receiver.traces.map(treeOf).sort()).to.deep.equal(expectedTrees);
      expect(receiver.problems).to.deep.equal([]);
    });
  }

  it('P1 delivers 100 of 100 traces from the main thread, too, when the program runs off the end', async () => {
    const env = { ...variables(receiver.url), PANDAPROBE_WORKER: 'inline' };
    const traced = await runProgram([program, 'return', 'traced'], { env });
    expect(traced).to.deep.equal({ code: 0, signal: null, stdout: '', stderr: '' });
    expect(receiver.traces.map(treeOf).sort()).to.deep.equal(expectedTrees);
  });

  it('P1 delivers what a thread of the program recorded, when the thread ends and when it exits', async () => {
    for (const last of ['', 'process.exit(0);']) {
      const inThread = `import('pandaprobe-ts').then(({ withTrace }) => {
        for (let i = 0; i < 100; i += 1) withTrace('trace ' + i, (t) => t.withSpan('step', () => {}));
        ${last}
      });`;
      const code = `
        import { Worker } from 'node:worker_threads';
        new Worker(${JSON.stringify(inThread)}, { eval: true }).on('exit', (code) => console.log('thread', code));`;
      const { stdout, stderr } = await runCode(code, variables(receiver.url));
      expect({ stdout, stderr }).to.deep.equal({ stdout: 'thread 0\n', stderr: '' });
      expect(receiver.traces.map(treeOf).sort()).to.deep.equal(
        expectedTrees.flatMap((tree) => (last === '' ? [tree] : [tree, tree])),
      );
    }
  });

  for (const [title, last] of [
    ['exits', "thread.once('message', () => process.exit(3));"],
    ['dies of an error', "thread.once('message', () => { throw new Error('nobody catches this'); });"],
  ] as const) {
    it(`P1 delivers what a thread of the program recorded when the main thread ${title}`, async () => {
      const inThread = `import('pandaprobe-ts').then(async ({ startTrace, withTrace }) => {
        for (let i = 0; i < 100; i += 1) withTrace('trace ' + i, (t) => t.withSpan('step', () => {}));
        startTrace('open');
        (await import('node:worker_threads')).parentPort.postMessage('recorded');
        setInterval(() => {}, 1000);
      });`;
      const code = `
        import { Worker } from 'node:worker_threads';
        import { init } from 'pandaprobe-ts';
        init();
        const thread = new Worker(${JSON.stringify(inThread)}, { eval: true });
        ${last}`;
      const { code: status } = await runCode(code, variables(receiver.url));
      expect(status).to.equal(title === 'exits' ? 3 : 1);
      expect(receiver.traces.map(treeOf).sort()).to.deep.equal([...expectedTrees, 'open'].sort());
      expect(receiver.trace('open').status).to.equal('ERROR');
    });
  }

  for (const last of ['', 'process.exit(0);']) {
    it(`P1 delivers what a thread recorded that ends by itself while the main thread exits, though the backend is slow${last && ' (process.exit)'}`, async () => {
      receiver.behave = ({ index }) => (index === 0 ? { status: 503 } : { delayMs: 300 });
      const inThread = `import('pandaprobe-ts').then(async ({ withTrace }) => {
        withTrace('t', () => {});
        (await import('node:worker_threads')).parentPort.postMessage('recorded');
        ${last}
      });`;
      const code = `
        import { once } from 'node:events';
        import { Worker } from 'node:worker_threads';
        import { init } from 'pandaprobe-ts';
        init();
        await once(new Worker(${JSON.stringify(inThread)}, { eval: true }), 'message');
        process.exit();`;
      const { stderr } = await runCode(code, variables(receiver.url));
      expect(stderr).to.equal('');
      expect(receiver.traces.map(treeOf)).to.deep.equal(['t']);
    });
  }

  for (const [what, last] of [
    ['sleeps without a loop', 'process.exit()'],
    ['is terminated while it sleeps', 'thread.terminate()'],
  ] as const) {
    it(`P1 delivers what a thread of a pool recorded that ${what} once its task is done`, async () => {
      receiver.behave = ({ path }) =>
        path.endsWith('/all-here') ? { status: receiver.traces.length === 3 ? 200 : 404 } : 'accept';
      const inThread = `import('pandaprobe-ts').then(async ({ withTrace }) => {
        const { workerData } = await import('node:worker_threads');
        for (let i = 0; i < 3; i += 1) await withTrace('task ' + i, (t) => t.withSpan('step', () => {}));
        Atomics.wait(workerData, 0, 0);
      });`;
      const code = `
        import { setTimeout as sleep } from 'node:timers/promises';
        import { Worker } from 'node:worker_threads';
        const workerData = new Int32Array(new SharedArrayBuffer(4));
        const thread = new Worker(${JSON.stringify(inThread)}, { eval: true, workerData });
        const until = performance.now() + 10_000;
        const isAllHere = async () => (await fetch(process.env.PANDAPROBE_ENDPOINT + '/all-here')).ok;
        while (performance.now() < until && !(await isAllHere())) await sleep(50);
        ${last};`;
      await runCode(code, variables(receiver.url));
      expect(receiver.traces.map(({ name }) => name).sort()).to.deep.equal(['task 0', 'task 1', 'task 2']);
    });
  }

  it('does not wait long for a thread that was terminated while it ended', async () => {
    receiver.behave = () => 'hang';
    const inThread = `import('pandaprobe-ts').then(async ({ withTrace }) => {
      withTrace('t', () => {});
      (await import('node:worker_threads')).parentPort.postMessage('recorded');
      process.exit();
    });`;
    const code = `
      import { once } from 'node:events';
      import { setTimeout as sleep } from 'node:timers/promises';
      import { Worker } from 'node:worker_threads';
      import { init } from 'pandaprobe-ts';
      init();
      const thread = new Worker(${JSON.stringify(inThread)}, { eval: true });
      await once(thread, 'message');
      await sleep(300);
      const ended = once(thread, 'exit');
      await thread.terminate();
      await ended;
      const startedAt = performance.now();
      process.on('exit', () => console.log(performance.now() - startedAt < 4000));
      process.exit();`;
    const { stdout } = await runCode(code, { ...variables(receiver.url), PANDAPROBE_EXIT_TIMEOUT: '20' });
    expect(stdout).to.equal('true\n');
  });

  it('waits a moment only for a thread that was terminated, or is too busy to answer', async () => {
    const inThread = (then: string) => `import('pandaprobe-ts').then(async ({ startTrace }) => {
      startTrace('open');
      (await import('node:worker_threads')).parentPort.postMessage('recorded');
      ${then}
    });`;
    const code = `
      import { once } from 'node:events';
      import { Worker } from 'node:worker_threads';
      import { init } from 'pandaprobe-ts';
      init();
      const start = async (code) => {
        const thread = new Worker(code, { eval: true });
        await once(thread, 'message');
        return thread;
      };
      await (await start(${JSON.stringify(inThread(''))})).terminate();
      await start(${JSON.stringify(inThread('for (;;);'))});
      const startedAt = performance.now();
      process.on('exit', () => console.log(performance.now() - startedAt < 3000));
      process.exit();`;
    const { stdout, stderr } = await runCode(code, { ...variables(receiver.url), PANDAPROBE_EXIT_TIMEOUT: '20' });
    expect({ stdout, stderr }).to.deep.equal({ stdout: 'true\n', stderr: '' });
  });

  it('does not wait for a thread that has ended, and gives its slot to another', async () => {
    for (const last of ['', 'process.exit(0);']) {
      const inThread = `import('pandaprobe-ts').then(({ withTrace }) => {
        withTrace('t', () => {});
        ${last}
      });`;
      const code = `
        import { once } from 'node:events';
        import { getEnvironmentData, Worker } from 'node:worker_threads';
        import { init } from 'pandaprobe-ts';
        init();
        await once(new Worker(${JSON.stringify(inThread)}, { eval: true }), 'exit');
        console.log(new Int32Array(getEnvironmentData('pandaprobe.exit.v1')).every((state) => state === 0));`;
      const { stdout, stderr } = await runCode(code, variables(receiver.url));
      expect({ stdout, stderr }).to.deep.equal({ stdout: 'true\n', stderr: '' });
    }
  });

  it('P1 delivers what a thread recorded after all slots were taken by threads that were terminated', async () => {
    const inThread = `import('pandaprobe-ts').then(async ({ withTrace }) => {
      withTrace('t', () => {});
      (await import('node:worker_threads')).parentPort.postMessage('recorded');
    });
    setInterval(() => {}, 1000);`;
    const clock = 'Math.floor(Date.now()) % 2 ** 30';
    for (const state of ['1', `-1 - ((${clock} - 61_000 + 2 ** 30) % 2 ** 30)`]) {
      const code = `
        import { once } from 'node:events';
        import { getEnvironmentData, Worker } from 'node:worker_threads';
        import { init } from 'pandaprobe-ts';
        init();
        new Int32Array(getEnvironmentData('pandaprobe.exit.v1')).fill(${state}); // idle, or busy a minute ago
        await once(new Worker(${JSON.stringify(inThread)}, { eval: true }), 'message');
        process.exit();`;
      const { stderr } = await runCode(code, { ...variables(receiver.url), PANDAPROBE_FLUSH_INTERVAL: '60' });
      expect(stderr).to.equal('');
    }
    expect(receiver.traces.map(({ name }) => name)).to.deep.equal(['t', 't']);
  });

  it('leaves alone a signal that the program emits by hand and listens to', async () => {
    const code = `
      import { withTrace } from 'pandaprobe-ts';
      withTrace('t', () => {});
      process.once('SIGINT', () => console.log('interrupted'));
      process.emit('SIGINT');
      console.log('goes on');`;
    const { stdout, stderr } = await runCode(code, variables(receiver.url));
    expect({ stdout, stderr }).to.deep.equal({ stdout: 'interrupted\ngoes on\n', stderr: '' });
  });

  it('ends by a signal that comes without its number, as all do on Deno', async () => {
    const code = `
      import { withTrace } from 'pandaprobe-ts';
      globalThis.Deno = {};
      withTrace('t', () => {});
      setInterval(() => {}, 1000);
      process.emit('SIGTERM', 'SIGTERM');`;
    const ended = await runProgram(['--input-type=module', '-e', code], { env: variables(receiver.url) });
    expect(ended).to.deep.equal({ code: null, signal: 'SIGTERM', stdout: '', stderr: '' });
    expect(receiver.traces.map(({ name }) => name)).to.deep.equal(['t']);
  });

  it('ends by the signal when both copies of the package have a client', async () => {
    const code = `
      import { createRequire } from 'node:module';
      import * as esm from 'pandaprobe-ts';
      const cjs = createRequire(process.cwd() + '/')('pandaprobe-ts');
      new esm.Client().trace('esm').end();
      new cjs.Client().trace('cjs').end();
      console.log('ready');
      setInterval(() => {}, 1000);`;
    const ended = await runProgram(['--input-type=module', '-e', code], {
      env: variables(receiver.url),
      kill: at('SIGTERM'),
    });
    expect(ended).to.deep.equal({ code: null, signal: 'SIGTERM', stdout: 'ready\n', stderr: '' });
    expect(receiver.traces.map(({ name }) => name).sort()).to.deep.equal(['cjs', 'esm']);
  });

  describe('in the middle of a trace', () => {
    const open = (end: string) => `
      import { startTrace, withTrace } from 'pandaprobe-ts';
      const t = startTrace('agent');
      t.withSpan('finished', { kind: 'TOOL' }, (s) => s.setOutput('found'));
      const s = t.span('open').setInput('question').setMetadata({ attempt: 2 });
      s.span('open below');
      setTimeout(() => { ${end} }, 1);`;

    for (const [title, end] of [
      ['an uncaught exception', "throw new Error('nobody catches this');"],
      ['process.exit()', 'process.exit(1);'],
      ['the end of the program', ''],
      ['a signal', "process.kill(process.pid, 'SIGTERM');"],
    ] as const) {
      it(`P9 sends the open trace as ERROR with its open spans marked, after ${title}`, async () => {
        await runCode(open(end), variables(receiver.url));
        const trace = receiver.trace('agent');
        expect(treeOf(trace)).to.equal('agent(finished, open(open below))');
        expect(trace.status).to.equal('ERROR');
        expect(trace.metadata).to.deep.equal({ error: 'the process ended before the trace did' });
        expect(trace.spans.map(({ name, status, metadata }) => [name, status, metadata])).to.deep.equal([
          ['finished', 'OK', undefined],
          ['open', 'UNSET', { attempt: 2, 'pandaprobe.unfinished': true }],
          ['open below', 'UNSET', { 'pandaprobe.unfinished': true }],
        ]);
        expect(trace.spans.map(({ ended_at }) => typeof ended_at)).to.deep.equal(['string', 'string', 'string']);
        expect(receiver.problems).to.deep.equal([]);
      });
    }

    it('P9 leaves a trace alone that ends by itself before the process does', async () => {
      const code = `
        import { startTrace } from 'pandaprobe-ts';
        const t = startTrace('agent');
        setTimeout(() => t.end(), 1);`;
      await runCode(code, variables(receiver.url));
      expect(receiver.trace('agent').status).to.equal('COMPLETED');
    });
  });

  describe('with a backend that never answers', () => {
    for (const [worker, count] of [
      ['thread', 1],
      ['inline', 1],
      ['thread', 3],
    ] as const) {
      it(`lets the process go when exitTimeoutMs is over, ${count} client${count > 1 ? 's' : ''}, ${worker}`, async () => {
        receiver.behave = () => 'hang';
        const code = `
          import { Client } from 'pandaprobe-ts';
          for (let i = 0; i < ${count}; i += 1) {
            new Client({ worker: '${worker}', exitTimeoutMs: 1500 }).trace('lost').end();
          }
          const startedAt = performance.now();
          process.on('exit', () => console.log(performance.now() - startedAt < 3000 ? 'in time' : 'too late'));`;
        const { code: status, stdout, stderr } = await runCode(code, variables(receiver.url));
        expect(stdout).to.equal('in time\n');
        expect(status).to.equal(0);
        const line = /^\[pandaprobe\] error: 1 item could not be delivered before the process ended/;
        expect(stderr.trimEnd().split('\n')).to.have.length(count);
        for (const said of stderr.trimEnd().split('\n')) expect(said).to.match(line);
      });
    }
  });
});
