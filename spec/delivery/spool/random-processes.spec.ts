import { expect } from 'chai';
import fc from 'fast-check';
import { restoreClock, type SteppedClock, startSteppedClock } from '../../support/stepped-clock.js';
import { startFaultyDisk } from './faulty-disk.js';
import { Machine, type Process } from './modelled-processes.js';
import { spoolDir } from './spool-folders.js';

/** What a process does in a step, with a number that decides about the details. */
const actions = {
  keep: (process: Process, n: number) => process.keep(n % 3 > 0, n % 150),
  next: (process: Process, n: number) => process.next(n % 2 === 0),
  settle: (process: Process, n: number) => process.settle(n),
  markInFlight: (process: Process, n: number) => process.markInFlight(n),
  flushJournal: (process: Process) => process.flushJournal(),
  heartbeat: (process: Process) => process.heartbeat(),
  retryNow: (process: Process) => process.retryNow(),
  wait: (_: Process, n: number, clock: SteppedClock) => clock.block(n % 2 === 0 ? 1001 : 10_001),
};
const weights: Readonly<Record<keyof typeof actions, number>> = {
  ...{ keep: 8, next: 6, settle: 6, markInFlight: 2, flushJournal: 3, heartbeat: 3, retryNow: 1, wait: 2 },
};
const chosen = fc.oneof(
  ...(Object.keys(actions) as (keyof typeof actions)[]).map((name) => ({
    weight: weights[name],
    arbitrary: fc.constant(name),
  })),
);

/** What the disk does in a step. */
const plans = fc.oneof(
  { weight: 12, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('fault' as const, 'short' as const), after: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const), after: fc.nat(8) }) },
);

/** How a process ends after a step, if it does. */
const ends = [...new Array<undefined>(12).fill(undefined), 'kill', 'close'] as const;

const programs = fc.array(
  fc.record({ process: fc.nat(2), action: chosen, n: fc.nat(1000), plan: plans, end: fc.constantFrom(...ends) }),
  { maxLength: 150, size: 'max' },
);

type Program = typeof programs extends fc.Arbitrary<infer T> ? T : never;

describe('Spool', () => {
  function run(program: Program, maxSpoolBytes: number): void {
    using dir = spoolDir();
    const clock = startSteppedClock(0);
    const disk = startFaultyDisk();
    try {
      const machine = new Machine(dir, disk, maxSpoolBytes);
      runOn(machine, program, clock);
    } finally {
      disk.restore();
      restoreClock();
    }
    expect(dir.entries().filter(({ isFile }) => isFile)).to.deep.equal([]);
  }

  function runOn(machine: Machine, program: Program, clock: SteppedClock): void {
    const { disk } = machine;
    const processes = [machine.start(), machine.start(), machine.start()];
    for (const { process: at, action, n, plan, end } of program) {
      const process = processes[at] ?? machine.start();
      const inFiles = plan?.kind === 'kill' ? machine.inFiles() : undefined;
      if (plan !== undefined) disk.plan(plan.kind, plan.after);
      actions[action](process, n, clock);
      const { isKilled } = disk;
      if (isKilled || end !== undefined) {
        process.end(end === 'close');
        processes[at] = machine.start();
      }
      // A process that is killed while it makes room cannot count what it has deleted.
      if (isKilled) {
        const now = machine.inFiles();
        for (const name of inFiles ?? []) if (!now.has(name)) machine.known(name).state = 'unknown';
      }
      disk.forget();
    }
    for (const process of processes) process.end(true);

    const last = machine.start(1_000_000);
    last.heartbeat();
    const left = [...machine.items].filter(([, { state }]) => state === 'left').map(([name]) => name);
    const read: string[] = [];
    for (let name = last.next(false); name !== undefined; name = last.next(false)) read.push(name);
    expect(read.length).to.equal(new Set(read).size);
    const missing = left.filter((name) => !read.includes(name));
    expect(missing.length, `missing ${missing.join()}`).to.be.at.most(machine.foreignDropped);
    for (const origin of new Set(read.map((name) => name.split(':')[0]))) {
      const ids = read.filter((name) => name.startsWith(`${origin}:`)).map((name) => Number(name.split(':')[1]));
      expect(ids, 'in the order of recording').to.deep.equal(ids.toSorted((a, b) => a - b));
    }
    for (const _ of read) last.settle(0);
    last.flushJournal();
    last.end(true);
  }

  it('P5 loses no item and settles none twice, whatever the disk does and whenever processes are killed', () => {
    fc.assert(
      fc.property(programs, (program) => run(program, 1_000_000)),
      { numRuns: 100, endOnFailure: true },
    );
  });

  it('P5 counts what is deleted to make room, and loses nothing else', () => {
    fc.assert(
      fc.property(programs, (program) => run(program, 4_000)),
      { numRuns: 100, endOnFailure: true },
    );
  });
});
