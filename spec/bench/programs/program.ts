import { writeSync } from 'node:fs';
import { peerNamed } from '../peers/index.js';
import type { Peer } from '../peers/peer.js';
import { SinkControl } from '../sink-control.js';
import { clientCalls } from './client-calls.js';
import { disabledCost } from './disabled-cost.js';
import { ending } from './ending.js';
import { growth } from './growth.js';
import { largeInputs } from './large-inputs.js';
import { liveCost } from './live-cost.js';
import { loopDelay } from './loop-delay.js';
import { outage } from './outage-memory.js';
import { rightParents } from './right-parents.js';
import { spanCost } from './span-cost.js';

/** What a program has measured: one number for each column of its table. */
export type Figures = Readonly<Record<string, number>>;

/** What a program is run with. */
export interface Run {
  readonly peer: Peer;
  readonly sink: SinkControl;
  /** Which of the workload's cases, such as one ending; empty where there is one only. */
  readonly variant: string;
  /** Turns, calls or rounds to run; undefined for the workload's own number. */
  readonly count: number | undefined;
  /** Tells the harness something at once, also in the last moment of the process. */
  readonly tell: (message: object) => void;
}

/** Runs one workload; without figures, the harness counts what has come to the sink after the end. */
export type Program = (run: Run) => Promise<Figures | undefined>;

const programs: Readonly<Record<string, Program>> = {
  w1: spanCost,
  w2: loopDelay,
  w3: outage,
  w4: ending,
  w5: disabledCost,
  w6: rightParents,
  w8: largeInputs,
  w9: growth,
  w10: clientCalls,
  w11: spanCost,
  w12: liveCost,
};

/** One measured process: `program.mjs <workload> <peer> <sink> <variant> <count>`. Figures go to file descriptor 3. */
const [workload = '', peer = '', sinkUrl = '', variant = '', count = ''] = process.argv.slice(2);
const program = programs[workload];
if (program === undefined)
  throw new Error(`expected a workload (${Object.keys(programs).join(', ')}), got ${workload}`);
const tell = (message: object) => {
  writeSync(3, `${JSON.stringify(message)}\n`);
};
const figures = await program({
  peer: peerNamed(peer),
  sink: new SinkControl(sinkUrl),
  variant,
  count: count === '' ? undefined : Number(count),
  tell,
});
if (figures !== undefined) {
  tell({ figures });
  process.exit(0);
}
