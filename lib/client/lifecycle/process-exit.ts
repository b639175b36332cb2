import { performance } from '../../common/real-time.js';
import { quietBeforeExit } from './before-exit.js';
import { listenFirst } from './listen-first.js';
import { endThreads, joinBoard, offerBoard, type Place } from './worker-thread-exit.js';

/*
 * The one place that listens to the process's end.
 *
 *   loop runs empty ──> 'beforeExit' ──> (what has no thread may still use the loop) ──> 'exit'
 *   process.exit(), uncaught exception, unhandled rejection ─────────────────────────> 'exit'
 *   SIGTERM, SIGINT, SIGHUP ──> nobody else listens: deliver, then raise the signal again without us
 *                               somebody listens: theirs to decide; 'exit' follows if they exit
 *
 * Invariants: one listener per event whatever the number of clients and of copies of this package; none when there
 * is no client; the exit code, the signal, stderr and how often each listener is called are those the process would have
 * had; each client holds the process for its `exitTimeoutMs` at most, 'beforeExit' and 'exit' together.
 */

/** What an ending process needs of a client. */
export interface Ending {
  /** Ends what is still open: of every client, before one of them waits. Copies of this package before 0.2 do so in `exit`. */
  endOpen?(): void;
  /** Delivers synchronously, as far as it can, within its time, of which `heldMs` are used up. */
  exit(heldMs: number): void;
  readonly pending: number;
  /** Whether something is pending that only the event loop can send. Copies of this package before 0.2 lack this. */
  readonly needsLoop?: boolean;
  /** Whether something is open or not sent yet. */
  readonly isBusy: boolean;
  readonly exitTimeoutMs: number;
  flush(options: { timeoutMs: number }): Promise<unknown>;
}

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
type Signal = (typeof signals)[number];

/**
 * Shared by every copy of this package in the process: two that listen to a signal would each take the other for
 * the application, and neither would let the process go.
 */
interface Shared {
  /** The clients, each with the milliseconds it has held the process in 'beforeExit'. */
  readonly endings: Map<Ending, number>;
  unlisten: (() => void) | undefined;
  /** Of a worker thread: its place among the threads that the main thread notifies of its exit. */
  place: Place | undefined;
}

const key = Symbol.for('pandaprobe.endings.v1');

function shared(): Shared {
  const holder = globalThis as { [key]?: Shared };
  holder[key] ??= { endings: new Map(), unlisten: undefined, place: undefined };
  return holder[key];
}

/** Handle returned by `watchExit`. */
export interface ExitWatch {
  /** There may be something to send from now on. */
  readonly markBusy: () => void;
  readonly stop: () => void;
}

/** Calls `ending` when the process ends. */
export function watchExit(ending: Ending): ExitWatch {
  const all = shared();
  all.unlisten ??= listen(all);
  all.endings.set(ending, 0);
  return {
    markBusy: () => all.place?.markBusy(),
    stop() {
      if (!all.endings.delete(ending) || all.endings.size > 0) return;
      all.unlisten?.();
      all.unlisten = undefined;
    },
  };
}

function listen(all: Shared): () => void {
  /** @param number - Node gives it with every signal; who emits one by hand has sent none */
  const onSignal = (signal: Signal, number: unknown) => {
    const others = process.listenerCount(signal) - 1 - countOfSignalExit();
    if (others > 0 || typeof number !== 'number') return;
    exitAll(all);
    unlisten();
    process.kill(process.pid, signal);
  };
  const beforeExit = quietBeforeExit(() => flushAll(all));
  const unlistenFirst = listenFirst({
    beforeExit: beforeExit.listener,
    ...Object.fromEntries(signals.map((signal) => [signal, (_: unknown, number: unknown) => onSignal(signal, number)])),
  });
  const onExit = () => exitAll(all);
  const unlisten = () => {
    unlistenFirst();
    beforeExit.stop();
    process.off('exit', onExit);
    all.place?.leave();
    all.place = undefined;
  };
  offerBoard();
  all.place = joinBoard(
    () => [...all.endings.keys()].some(({ isBusy }) => isBusy),
    () => exitAll(all),
  );
  process.on('exit', onExit);
  return unlisten;
}

function exitAll({ endings }: Shared): void {
  const startedAt = performance.now();
  const waitForThreads = endThreads();
  for (const ending of endings.keys()) ending.endOpen?.();
  for (const [ending, heldMs] of endings) ending.exit(heldMs + performance.now() - startedAt);
  waitForThreads(startedAt + Math.max(...[...endings.keys()].map(({ exitTimeoutMs }) => exitTimeoutMs)));
}

/**
 * The loop is free and time is not pressing: what has no thread can send now, which it cannot in 'exit'. What a flush took
 * must count, or a dead backend would hold the process for ever.
 * @returns whether there is anything to flush
 */
function flushAll({ endings }: Shared): boolean {
  let isAny = false;
  for (const [ending, heldMs] of endings) {
    const timeoutMs = ending.exitTimeoutMs - heldMs;
    if (!(ending.needsLoop ?? ending.pending > 0) || timeoutMs <= 0) continue;
    isAny = true;
    const startedAt = performance.now();
    void ending.flush({ timeoutMs }).then(() => {
      const total = ending.pending === 0 ? 0 : heldMs + performance.now() - startedAt;
      if (endings.has(ending)) endings.set(ending, total);
    });
  }
  return isAny;
}

/**
 * Listeners of the `signal-exit` package, which many programs carry without knowing. It leaves the signal
 * alone when it counts a listener that is not its own, such as ours, so ours must not wait for it.
 */
function countOfSignalExit(): number {
  const emitters = [
    (process as { __signal_exit_emitter__?: unknown }).__signal_exit_emitter__, // version 3
    (globalThis as { [version4]?: unknown })[version4],
  ];
  return emitters.reduce((sum: number, emitter) => sum + countOf(emitter), 0);
}

const version4 = Symbol.for('signal-exit emitter');

function countOf(emitter: unknown): number {
  const isCounting = typeof emitter === 'object' && emitter !== null && 'count' in emitter;
  return isCounting && typeof emitter.count === 'number' ? emitter.count : 0;
}
