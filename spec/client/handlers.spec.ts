import { expect } from 'chai';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { type Ending, runProgram, variables } from './programs.js';

/**
 * Ways to listen to a signal: each says on stdout what it does, `before` and `after` the client is there, and how the process goes
 * on. `last()` ends it by itself a moment later, with code 3.
 */
const listenings: readonly (readonly [title: string, before: string, after: string])[] = [
  [
    'once, with work that takes time',
    "process.once(signal, async () => { await wait(30); say('closed'); last(); });",
    '',
  ],
  ['once, after the client', '', "process.once(signal, async () => { await wait(30); say('closed'); last(); });"],
  ['on', "process.on(signal, () => { say('closed'); last(); });", ''],
  ['events.once()', "once(process, signal).then(async () => { await wait(30); say('closed'); last(); });", ''],
  ['prepended, once, after the client', '', "process.prependOnceListener(signal, () => { say('closed'); last(); });"],
  [
    'two that are prepended, once, after the client',
    '',
    "for (const name of ['a', 'b']) process.prependOnceListener(signal, () => { say(name); last(); });",
  ],
  [
    'one that removes itself',
    "process.on(signal, function own() { process.off(signal, own); say('closed'); last(); });",
    '',
  ],
  [
    'one that removes all',
    "process.on(signal, () => { process.removeAllListeners(signal); say('closed'); last(); });",
    '',
  ],
  [
    'one that removes itself and sends the signal again',
    "process.on(signal, async function own() { await wait(30); process.off(signal, own); say('closed'); process.kill(process.pid, signal); });",
    '',
  ],
  [
    'one that only says so, and was removed before',
    "const own = () => say('closed'); process.on(signal, own);",
    'process.off(signal, own);',
  ],
  ['one for every signal that comes', 'process.on(signal, (...args) => { say(args); last(); });', ''],
  [
    'one that is added when the signal comes',
    '',
    "process.once(signal, () => process.once('exit', () => say('exits'))); process.once(signal, last);",
  ],
  ['one of signal-exit beside one of its own', "onExit(() => say('cleaned up')); process.once(signal, last);", ''],
  ['nobody', '', ''],
];

const prelude = `
  import { once } from 'node:events';
  import { setTimeout as wait } from 'node:timers/promises';
  import { onExit } from 'signal-exit';
  const [signal, mode] = process.argv.slice(1);
  const say = (what) => console.log(JSON.stringify(what));
  const last = () => setTimeout(() => process.exit(3), 20);
  const alive = setInterval(() => {}, 1000);`;
const record = `
  if (mode !== 'bare') (await import('pandaprobe-ts')).withTrace('recorded', () => 1);`;

describe("P30 The user's handlers decide", () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  async function both(args: (mode: string) => readonly string[], signal?: NodeJS.Signals, env = {}): Promise<Ending> {
    const kill = signal === undefined ? undefined : { signal, at: 'ready' };
    const run = (mode: string) => runProgram(args(mode), { env: { ...variables(receiver.url), ...env }, kill });
    const [bare, traced] = await Promise.all([run('bare'), run('traced')]);
    expect(traced).to.deep.equal(bare);
    return traced;
  }

  const inline = { PANDAPROBE_WORKER: 'inline' };
  const program = (code: string) => (mode: string) => ['--input-type=module', '-e', code, '', mode];

  for (const [title, before, after] of listenings) {
    it(`P30 leaves a signal to the program that listens with ${title}`, async () => {
      const signals = title.startsWith('once, with')
        ? (['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
        : (['SIGTERM'] as const);
      for (const signal of signals) {
        const code = `${prelude}${before}${record}${after}\n  setTimeout(() => console.log('ready'), 20);`;
        const ended = await both((mode) => ['--input-type=module', '-e', code, signal, mode], signal);
        expect(ended.signal === signal || ended.code === 3, JSON.stringify(ended)).to.equal(true);
        expect(receiver.traces.map(({ name }) => name)).to.include('recorded');
      }
    });
  }

  it('P30 leaves alone a signal that is emitted by hand, and to which nobody listens', async () => {
    const code = `${prelude}${record}
      process.emit('SIGTERM');
      process.emit('SIGTERM', 'SIGTERM');
      say('goes on');
      clearInterval(alive);`;
    expect(await both(program(code))).to.include({ code: 0, stdout: '"goes on"\n' });
  });

  it('P30 leaves the decision to the program when both copies of the package have a client', async () => {
    const code = `${prelude}
      import { createRequire } from 'node:module';
      process.once('SIGTERM', async () => { await wait(30); say('closed'); last(); });
      if (mode !== 'bare') {
        (await import('pandaprobe-ts')).withTrace('recorded', () => 1);
        createRequire(process.cwd() + '/')('pandaprobe-ts').withTrace('recorded', () => 1);
      }
      console.log('ready');`;
    expect(await both(program(code), 'SIGTERM')).to.include({ code: 3, stdout: 'ready\n"closed"\n' });
  });

  for (const [title, env] of [
    ['a thread', {}],
    ['the main thread', inline],
  ] as const) {
    describe(`beforeExit, with ${title}`, () => {
      for (const [what, listener, stdout] of [
        ['once', "process.on('beforeExit', () => say('bye'));", '"bye"\n'],
        ['once where it says the code', "process.exitCode = 4; process.on('beforeExit', (code) => say(code));", '4\n'],
        [
          'again after each work that it starts',
          "let left = 2; process.on('beforeExit', () => { say(left); if (left > 0) setTimeout(() => { left -= 1; }, 5); });",
          '2\n1\n0\n',
        ],
        [
          'again after work that it starts later, in promises',
          "let left = 1; process.on('beforeExit', async () => { for (let i = 0; i < 9; i += 1) await null; say(left); if (left > 0) setTimeout(() => { left -= 1; }, 5); });",
          '1\n0\n',
        ],
        [
          'again after work of a listener that was put in front',
          "process.on('beforeExit', () => say('bye')); let left = 1; setTimeout(() => process.prependListener('beforeExit', () => { if (left > 0) setTimeout(() => { left -= 1; }, 5); }), 1);",
          '"bye"\n"bye"\n',
        ],
        ['once when it is a once listener', "process.once('beforeExit', () => say('bye'));", '"bye"\n'],
      ] as const) {
        it(`P30 calls a listener ${what}, and delivers`, async () => {
          for (const order of [`${listener}${record}`, `${record}${listener}`]) {
            const ended = await both(program(`${prelude}clearInterval(alive);${order}`), undefined, env);
            expect(ended.stdout).to.equal(stdout);
            expect(receiver.trace('recorded').name).to.equal('recorded');
          }
        });
      }
    });
  }

  it('P30 calls a beforeExit listener once with a sink that sends by the event loop', async () => {
    const code = `${prelude}
      clearInterval(alive);
      let pending = 0;
      if (mode !== 'bare') {
        const { init, withTrace } = await import('pandaprobe-ts');
        const flush = async () => {
          await wait(20);
          pending = 0;
          process.stdout.write('flushed ');
          return { ok: true, delivered: 1, dropped: 0, failed: 0, pending: 0 };
        };
        init({ sinks: [{
          name: 'own', trace() { pending += 1; }, flush,
          stats: () => ({ created: 1, delivered: 0, failed: 0, pending, dropped: 0, droppedByReason: {}, pendingBytes: 0 }),
        }] });
        withTrace('recorded', () => 1);
      } else process.on('exit', () => process.stdout.write('flushed '));
      let calls = 0;
      process.on('beforeExit', () => { calls += 1; });
      process.on('exit', () => say(calls));`;
    const { stdout } = await both(program(code));
    expect(stdout.split(' ').sort()).to.deep.equal(['1\n', 'flushed'].sort());
  });

  it('P30 leaves nothing behind on the process, not even the function that emits', async () => {
    const code = `
      import { init, withTrace, shutdown } from 'pandaprobe-ts';
      const state = () => JSON.stringify([Object.hasOwn(process, 'emit'), process.eventNames().map(String).sort()]);
      let before;
      setImmediate(() => { before = state(); record(); }); // Node's own listener for this file is gone by then
      const record = () => {
      init({ worker: 'inline' });
      withTrace('recorded', () => 1);
      process.once('beforeExit', async () => {
        await shutdown();
        console.log(state() === before);
      });
      };`;
    const { stdout } = await runProgram(['--input-type=module', '-e', code], { env: variables(receiver.url) });
    expect(stdout).to.equal('true\n');
  });

  for (const [when, order] of [
    ['before', `${'LISTEN'}${record}`],
    ['after', `${record}${'LISTEN'}`],
  ] as const) {
    for (const [how, end] of [
      ['runs off the end', ''],
      ['calls process.exit()', 'process.exit(2);'],
      ['dies of an exception', "setTimeout(() => { throw new Error('nobody catches this'); }, 1);"],
    ] as const) {
      it(`P1 delivers what an exit listener of the program's records that was there ${when} the client, when it ${how}`, async () => {
        const listener = `
          const { score, startTrace, withSpan, withTrace } = await import('pandaprobe-ts');
          process.on('exit', () => {
            const id = withTrace('in exit', (t) => { withSpan('step', () => 1); return t.traceId; });
            score(id, 'fine', true);
            withTrace('in exit, too', () => 1);
          });`;
        const code = `${prelude}clearInterval(alive);${order.replace('LISTEN', listener)}${end}`;
        await runProgram(program(code)('traced'), { env: variables(receiver.url) });
        expect(receiver.traces.map(({ name }) => name).sort()).to.deep.equal(['in exit', 'in exit, too', 'recorded']);
        expect(receiver.trace('in exit').scores).to.have.length(1);
      });
    }
  }

  it('P1 says that what an exit listener records is lost where there is no thread', async () => {
    const code = `${prelude}clearInterval(alive);
      const { withTrace } = await import('pandaprobe-ts');
      ${record}
      process.on('exit', () => withTrace('in exit', () => 1));`;
    const { stderr } = await runProgram(program(code)('traced'), { env: { ...variables(receiver.url), ...inline } });
    expect(receiver.traces.map(({ name }) => name)).to.deep.equal(['recorded']);
    expect(stderr).to.match(/^\[pandaprobe\] error: an item that an exit listener recorded is lost/);
  });

  it('P3 holds the process no longer than its time for what many exit listeners record', async () => {
    receiver.behave = () => 'hang';
    const code = `${prelude}clearInterval(alive);${record}
      const { withTrace } = await import('pandaprobe-ts');
      let startedAt;
      process.prependListener('exit', () => { startedAt = performance.now(); });
      for (let i = 0; i < 20; i += 1) process.on('exit', () => withTrace('in exit', () => 1));
      process.on('exit', () => say(performance.now() - startedAt < 3000));
      process.exit();`;
    const env = { ...variables(receiver.url), PANDAPROBE_EXIT_TIMEOUT: '1' };
    expect((await runProgram(program(code)('traced'), { env })).stdout).to.equal('true\n');
  });
});
