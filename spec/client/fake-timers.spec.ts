import { expect } from 'chai';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { runProgram, variables } from './programs.js';

/** Fakes that a program's tests put in the place of the clocks and timers, whole or in part. */
const fakes: readonly (readonly [title: string, code: string])[] = [
  ['all that Sinon fakes', "import sinon from 'sinon'; const fake = () => sinon.useFakeTimers();"],
  [
    'the queues alone',
    "import sinon from 'sinon'; const fake = () => sinon.useFakeTimers({ toFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });",
  ],
  [
    "those of Node's own test runner",
    "import { mock } from 'node:test'; const fake = () => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] });",
  ],
  [
    'timers that are numbers',
    `let id = 0;
     const fake = () => {
       for (const name of ['setTimeout', 'setInterval', 'setImmediate']) {
         const real = globalThis[name];
         globalThis[name] = (run, ms) => { real(run, ms).unref(); id += 1; return id; };
       }
     };`,
  ],
  [
    'a clock that stands still',
    'const fake = () => { performance.now = () => 5; Date.now = () => 5; process.hrtime = () => [0, 5]; };',
  ],
];

describe('P31 Time is ours', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  const run = (code: string, env = {}, kill?: NodeJS.Signals) =>
    runProgram(['--input-type=module', '-e', code], {
      env: { ...variables(receiver.url), ...env },
      kill: kill === undefined ? undefined : { signal: kill, at: 'ready' },
    });

  for (const [title, prelude] of fakes) {
    describe(`with ${title}`, () => {
      for (const [when, first, second] of [
        ['before the package is loaded', 'fake();', ''],
        ['after it', '', 'fake();'],
      ] as const) {
        if (when.startsWith('before') && title.startsWith('those of')) continue; // cannot be seen through
        for (const worker of ['thread', 'inline']) {
          it(`P31 delivers and settles in time with fakes from ${when}, ${worker}`, async () => {
            const code = `${prelude}
              const realTime = performance.timeOrigin + performance.now();
              ${first}
              const { flush, startTrace, withTrace } = await import('pandaprobe-ts');
              ${second}
              const both = async (name) => { using s = t.span(name); await null; };
              const t = startTrace('handles');
              {
                using outer = t.span('outer');
                await Promise.all([both('a'), both('b')]);
              }
              t.end();
              for (let i = 0; i < 30; i += 1) withTrace('t', { metadata: { realTime } }, () => 1);
              const { ok, pending } = await flush({ timeoutMs: 5000 });
              process.stdout.write(ok + ' ' + pending + '\\n');
              withTrace('at the end', () => 1);
              process.exit(0);`;
            const withoutUsing = code.replaceAll(/using (\w+) = ([^;]*);([^}]*)}/g, 'const $1 = $2;$3 $1.end(); }');
            // Node's own HTTP needs its ticks.
            const fakes =
              worker === 'inline'
                ? withoutUsing
                    .replace('useFakeTimers()', "useFakeTimers({ toNotFake: ['nextTick'] })")
                    .replace("'nextTick', ", '')
                : withoutUsing;
            const ended = await run(fakes, { PANDAPROBE_WORKER: worker });
            expect(ended).to.include({ code: 0, stdout: 'true 0\n' });
            expect(receiver.traces.length).to.equal(worker === 'thread' ? 32 : 31);
            expect(treeOf(receiver.trace('handles'))).to.equal('handles(outer(a, b))');
            const { started_at, metadata } = receiver.trace('t');
            const { realTime } = metadata as { realTime: number };
            expect(new Date(String(started_at)).getTime() - realTime).to.be.within(-100, 60_000);
          });
        }

        for (const [how, end, kill] of [
          ['process.exit()', 'process.exit(0);', undefined],
          ['SIGTERM', "process.stdout.write('ready\\n'); await new Promise(() => real(() => {}, 1e9));", 'SIGTERM'],
          ['the end of the program', '', undefined],
          ['an exception', "throw new Error('own');", undefined],
        ] as const) {
          it(`P31 lets the process go at ${how} with fakes from ${when}, and a backend that never answers`, async () => {
            receiver.behave = () => 'hang';
            const endWith = async (worker: string) => {
              const code = `const real = setTimeout; ${prelude} ${first}
                const { withTrace } = await import('pandaprobe-ts'); ${second}
                withTrace('a', () => 1);
                ${end}`;
              const ended = await run(code, { PANDAPROBE_WORKER: worker, PANDAPROBE_EXIT_TIMEOUT: '1' }, kill);
              expect(ended.signal).to.equal(kill ?? null);
              expect(ended.stderr).to.include('1 item could not be delivered before the process ended');
            };
            await Promise.all([endWith('thread'), endWith('inline')]);
          });
        }
      }
    });
  }

  it('P31 measures a span right, and ends it after its start, when the wall clock is set back in it or forward', async () => {
    const code = `
      let offMs = 0;
      const real = Date.now;
      Date.now = (() => real() + offMs).bind();
      const { startTrace } = await import('pandaprobe-ts');
      const pass = (ms) => { const until = performance.now() + ms; while (performance.now() < until); };
      for (const jumpMs of [-3_600_000, 7_200_000]) {
        const t = startTrace('jump of ' + jumpMs);
        const s = t.span('step');
        pass(20);
        offMs += jumpMs;
        pass(20);
        s.end();
        t.end();
        startTrace('after ' + jumpMs, { metadata: { now: Date.now() } }).end();
      }`;
    await run(code);
    for (const jumpMs of [-3_600_000, 7_200_000]) {
      const trace = receiver.trace(`jump of ${jumpMs}`);
      for (const { started_at, ended_at } of [trace, ...trace.spans]) {
        const tookMs = new Date(String(ended_at)).getTime() - new Date(String(started_at)).getTime();
        expect(tookMs, `jump of ${jumpMs}`).to.be.within(39, 5000);
      }
      const after = receiver.trace(`after ${jumpMs}`);
      const { now } = after.metadata as { now: number };
      expect(Math.abs(new Date(String(after.started_at)).getTime() - now)).to.be.below(5000);
    }
  });
});
