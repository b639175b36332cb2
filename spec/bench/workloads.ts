import { setTimeout as sleep } from 'node:timers/promises';
import { importCost } from './import-cost.js';
import { peerNamed } from './peers/index.js';
import { type Outcome, runProgram } from './processes.js';
import type { Figures } from './programs/program.js';
import { spansPerTurn } from './programs/turn.js';
import type { SinkControl } from './sink-control.js';

/** One column of a workload's table. */
export interface Column {
  readonly key: string;
  readonly title: string;
  readonly digits: number;
  /** Shows the ratio of the medians to this peer's, too. */
  readonly ratioTo?: 'floor' | 'bare';
}

/** One row to measure: a peer, and in which of its variants. */
export interface Job {
  readonly peer: string;
  readonly variant: string;
}

/** One table of the benchmark. */
export interface Workload {
  readonly title: string;
  readonly defaultRuns: number;
  readonly columns: readonly Column[];
  /** What of a peer is measured; none where it has nothing to measure. */
  variants(peer: string): readonly string[];
  /** The figures, or what went wrong. */
  measure(job: Job, sink: SinkControl, count: string): Promise<Figures | string>;
}

const once = () => [''];
const percent = (key: string, title: string): Column => ({ key, title: `${title} %`, digits: 0 });

/** A workload that is a program of its own. */
function program(name: string): Workload['measure'] {
  return async ({ peer, variant }, sink, count) => {
    const outcome = await runProgram(peer, [name, peer, sink.url, variant, count]);
    return outcome.figures ?? failureText(outcome);
  };
}

function failureText({ code, signal, said }: Outcome): string {
  return `no figures (code ${code}, signal ${signal})\n${said}`;
}

const endings = ['return', 'exit', 'throw', 'SIGTERM'] as const;

/** Counts what arrived of 100 turns whose process has ended. */
async function measureEnding({ peer, variant }: Job, sink: SinkControl, count: string): Promise<Figures | string> {
  const turns = count === '' ? 100 : Number(count);
  const outcome = await runProgram(peer, ['w4', peer, sink.url, variant, String(turns)], (child) => {
    if (variant === 'SIGTERM') child.kill('SIGTERM');
  });
  if (outcome.endedAfterMs === undefined) return failureText(outcome);
  await sleep(300);
  const { ended } = await sink.counts();
  return { delivered: (100 * ended) / (turns * spansPerTurn), endedAfter: outcome.endedAfterMs };
}

export const workloads: Readonly<Record<string, Workload>> = {
  w1: {
    title: 'W1: cost per span on the main thread, in µs',
    defaultRuns: 5,
    columns: [
      { key: 'record', title: 'recording', digits: 1, ratioTo: 'floor' },
      { key: 'recordCpu', title: 'recording, CPU', digits: 1, ratioTo: 'floor' },
      { key: 'total', title: 'with delivery', digits: 1, ratioTo: 'floor' },
      { key: 'totalCpu', title: 'with delivery, CPU', digits: 1, ratioTo: 'floor' },
      { key: 'processCpu', title: 'CPU of all threads', digits: 1 },
      percent('delivered', 'delivered'),
    ],
    variants: once,
    measure: program('w1'),
  },
  w2: {
    title: 'W2: event loop at 500 turns a second',
    defaultRuns: 3,
    columns: [
      { key: 'busy', title: 'loop busy %', digits: 1, ratioTo: 'bare' },
      { key: 'p50', title: 'delay p50 ms', digits: 2 },
      { key: 'p99', title: 'p99 ms', digits: 2, ratioTo: 'bare' },
      { key: 'max', title: 'longest ms', digits: 1 },
      percent('delivered', 'delivered'),
    ],
    variants: once,
    measure: program('w2'),
  },
  w3: {
    title: 'W3: while the backend hangs or answers 503',
    defaultRuns: 1,
    columns: [
      { key: 'rss', title: 'peak RSS MB', digits: 0, ratioTo: 'floor' },
      { key: 'record', title: 'µs a span', digits: 1 },
      { key: 'lines', title: 'lines written', digits: 0 },
      percent('delivered', 'delivered afterwards'),
    ],
    variants: () => ['hang', 'fail'],
    measure: program('w3'),
  },
  w4: {
    title: 'W4: delivered of 100 turns when the process ends, without a flush',
    defaultRuns: 1,
    columns: [percent('delivered', 'delivered'), { key: 'endedAfter', title: 'ended after ms', digits: 0 }],
    variants: (peer) => (Object.keys(peerNamed(peer).ways).length > 0 ? endings : []),
    measure: measureEnding,
  },
  w5: {
    title: 'W5: a wrapped call while tracing is off, in ns',
    defaultRuns: 3,
    columns: [
      { key: 'bare', title: 'bare call', digits: 0 },
      { key: 'added', title: 'added by the wrapper', digits: 0 },
    ],
    variants: (peer) => (peer === 'bare' ? once() : Object.keys(peerNamed(peer).wrappers)),
    measure: program('w5'),
  },
  w6: {
    title: 'W6: right parents under Promise.all',
    defaultRuns: 1,
    columns: [percent('right', 'right'), { key: 'arrived', title: 'spans of 1,000', digits: 0 }],
    variants: (peer) => Object.keys(peerNamed(peer).ways),
    measure: program('w6'),
  },
  w7: {
    title: 'W7: import and footprint',
    defaultRuns: 3,
    columns: [
      { key: 'import', title: 'import ms', digits: 1 },
      { key: 'rss', title: 'RSS after it, MB', digits: 0 },
      { key: 'packages', title: 'packages', digits: 0 },
      { key: 'size', title: 'installed MB', digits: 1 },
    ],
    variants: (peer) => (peer === 'bare' || peerNamed(peer).entries.length > 0 ? once() : []),
    measure: ({ peer }) => importCost(peer),
  },
  w8: {
    title: 'W8: large inputs; how long a call keeps the loop',
    defaultRuns: 3,
    columns: [
      { key: 'stringify', title: 'one stringify ms', digits: 2 },
      { key: 'blocked', title: 'loop kept ms', digits: 2 },
      { key: 'ratio', title: '× stringify', digits: 2 },
      { key: 'blockedP95', title: 'p95 ms', digits: 2 },
      percent('delivered', 'delivered'),
    ],
    variants: () => ['1 MB', '1 MiB and more', '1 MB of rows'],
    measure: program('w8'),
  },
  w9: {
    title: 'W9: cost per span (or entry of metadata) in µs as a trace grows',
    defaultRuns: 1,
    columns: [
      ...[10, 100, 1000, 5000].map((spans) => ({ key: `wide${spans}`, title: `${spans} spans`, digits: 1 })),
      ...[1, 10, 50, 200].map((depth) => ({ key: `deep${depth}`, title: `depth ${depth}`, digits: 1 })),
      ...[10, 100, 1000, 5000].map((open) => ({ key: `open${open}`, title: `${open} open at once`, digits: 1 })),
      ...[10, 100, 1000, 5000].map((count) => ({ key: `entries${count}`, title: `${count} entries`, digits: 1 })),
    ],
    variants: once,
    measure: program('w9'),
  },
  w10: {
    title: 'W10: what a wrapped client costs the main thread more than the bare one, in µs',
    defaultRuns: 3,
    columns: [
      { key: 'call', title: 'a call', digits: 0 },
      { key: 'bareCall', title: 'of the bare client', digits: 0 },
      { key: 'chunk', title: 'a streamed chunk', digits: 2 },
      { key: 'bareChunk', title: 'of the bare client', digits: 2 },
      { key: 'first', title: 'until the first chunk', digits: 0 },
      { key: 'bareFirst', title: 'of the bare client', digits: 0 },
    ],
    variants: (peer) => Object.keys(peerNamed(peer).clients ?? {}),
    measure: program('w10'),
  },
  w11: {
    title: 'W11: cost per span over OTLP, in µs',
    defaultRuns: 5,
    columns: [
      { key: 'recordCpu', title: 'main thread, recording', digits: 1 },
      { key: 'totalCpu', title: 'with delivery', digits: 1 },
      { key: 'processCpu', title: 'CPU of all threads', digits: 1 },
      { key: 'bytes', title: 'bytes sent', digits: 0 },
      { key: 'requests', title: 'requests', digits: 0 },
      percent('delivered', 'delivered'),
    ],
    variants: (peer) =>
      peer === 'ours' || peer === 'otel' ? ['json', 'protobuf', 'json, gzip', 'protobuf, gzip'] : [],
    measure: program('w11'),
  },
  w12: {
    title: 'W12: cost per span on the main thread, in µs, of runs that are sent while they are open',
    defaultRuns: 5,
    columns: [
      { key: 'cost', title: 'CPU, with delivery', digits: 1 },
      { key: 'requests', title: 'requests', digits: 0 },
    ],
    variants: (peer) => (peer === 'ours' ? ['not live', 'live'] : []),
    measure: program('w12'),
  },
};
