import { outside } from '../../common/outside.js';
import { performance } from '../../common/real-time.js';
import { quietBeforeExit } from './before-exit.js';
import { listenFirst } from './listen-first.js';
import { endThreads, publishRegistry, registerThread, type ThreadSlot } from './worker-thread-exit.js';

/*
 * The one place that listens to the process's end.
 *
 *   loop runs empty ──> 'beforeExit' ──> (what has no thread may still use the loop) ──> 'exit'
 *   process.exit(), uncaught exception, unhandled rejection ─────────────────────────> 'exit'
 *   Deno.exit() ─────────────────────────────────────────────────────────────────────> 'unload'
 *   SIGTERM, SIGINT, SIGHUP ──> nobody else listens: deliver, then raise the signal again without us
 *                               somebody listens: they decide; 'exit' follows if they exit
 *                               process 1 of a container: deliver and go on, because the signal has no effect on it
 *
 * Invariants: one listener per event whatever the number of clients and of copies of this package; none when there
 * is no client; the exit code, the signal, stderr and how often each listener is called are those the process would have
 * had; each client holds the process for its `exitTimeoutMs` at most, 'beforeExit' and 'exit' together.
 */

/** A client, as the end of the process sees it. */
interface ExitParticipant {
  /** Ends open traces and spans. Called for every client before the first one waits. Older copies of this package do so in `exit`. */
  endOpen?(): void;
  /** Delivers synchronously until `exitTimeoutMs` is up; `heldMs` of it are used already. */
  exit(heldMs: number): void;
  readonly pending: number;
  /** Whether something is pending that only the event loop can send. Older copies of this package lack this. */
  readonly needsLoop?: boolean;
  /** Whether a trace is open or an item is not sent yet. */
  readonly isBusy: boolean;
  readonly exitTimeoutMs: number;
  flush(options: { timeoutMs: number }): Promise<unknown>;
}

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
type ExitSignal = (typeof signals)[number];

/**
 * Shared by every copy of this package in the process. If two copies listened to a signal separately, each would mistake the
 * other's listener for the application's, and neither would end the process.
 */
interface SharedExit {
  /** The clients, each with the milliseconds it has held the process in 'beforeExit'. */
  readonly endings: Map<ExitParticipant, number>;
  unlisten: (() => void) | undefined;
  /** In a worker thread: its slot in the main thread's registry. */
  place: ThreadSlot | undefined;
}

const key = Symbol.for('pandaprobe.endings.v1');

function shared(): SharedExit {
  const holder = globalThis as { [key]?: SharedExit };
  holder[key] ??= { endings: new Map(), unlisten: undefined, place: undefined };
  return holder[key];
}

/** What a client tells the code that watches for the end of the process. */
export interface ExitWatch {
  /** Call it when there may be something to send. */
  readonly markBusy: () => void;
  readonly stop: () => void;
}

/** Calls `ending` when the process ends. */
export function watchExit(ending: ExitParticipant): ExitWatch {
  const all = shared();
  all.unlisten ??= outside(() => listen(all)); // Node's handle for a signal keeps the async context in which it is made
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

function listen(all: SharedExit): () => void {
  /**
   * @param number - the signal's number, which Node always passes, and Deno never. In Node, an event without it was emitted by the
   *   program, and is no signal.
   */
  const onSignal = (signal: ExitSignal, number: unknown) => {
    const others = process.listenerCount(signal) - 1 - countOfSignalExit();
    if (others > 0 || (typeof number !== 'number' && !('Deno' in globalThis))) return;
    if (isInit()) {
      flushEach(all);
      return;
    }
    exitAll(all);
    unlisten();
    process.kill(process.pid, signal);
  };
  const beforeExit = quietBeforeExit(() => flushAll(all));
  const unlistenFirst = listenFirst({
    beforeExit: beforeExit.listener,
    ...Object.fromEntries(signals.map((signal) => [signal, (_: unknown, number: unknown) => onSignal(signal, number)])),
  });
  const leaveSlot = () => {
    all.place?.leave();
    all.place = undefined;
  };
  const onExit = () => {
    all.place?.markLeaving();
    exitAll(all);
    leaveSlot(); // or the main thread would wait for this thread when it exits
  };
  const unlistenUnload = onUnload(onExit);
  const unlisten = () => {
    unlistenFirst();
    beforeExit.stop();
    process.off('exit', onExit);
    unlistenUnload();
    leaveSlot();
  };
  publishRegistry();
  all.place = registerThread(
    () => [...all.endings.keys()].some(({ isBusy }) => isBusy),
    () => exitAll(all),
  );
  process.on('exit', onExit);
  return unlisten;
}

/**
 * Listens to the end of a Deno program: `Deno.exit()` only emits the web event `unload`. Source: Deno's documentation, *Program
 * lifecycle*.
 * @returns a function that removes the listener
 */
function onUnload(listener: () => void): () => void {
  const target = globalThis as typeof globalThis & Partial<EventTarget> & { readonly Deno?: unknown };
  if (target.Deno === undefined) return () => {};
  target.addEventListener?.('unload', listener);
  return () => target.removeEventListener?.('unload', listener);
}

/** Whether this is the first process of a container, which signals without a listener do not end. Source: pid_namespaces(7). */
function isInit(): boolean {
  return process.pid === 1 && process.platform === 'linux';
}

function flushEach({ endings }: SharedExit): void {
  for (const ending of endings.keys()) void ending.flush({ timeoutMs: ending.exitTimeoutMs });
}

function exitAll({ endings }: SharedExit): void {
  const startedAt = performance.now();
  const waitForThreads = endThreads();
  for (const ending of endings.keys()) ending.endOpen?.();
  for (const [ending, heldMs] of endings) ending.exit(heldMs + performance.now() - startedAt);
  waitForThreads(startedAt + Math.max(...[...endings.keys()].map(({ exitTimeoutMs }) => exitTimeoutMs)));
}

/**
 * In 'beforeExit' the event loop still runs, so clients without a thread can send now; in 'exit' they cannot. The time of each flush
 * counts against `exitTimeoutMs`, or an unreachable backend would hold the process for ever.
 * @returns whether there is anything to flush
 */
function flushAll({ endings }: SharedExit): boolean {
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
 * How many listeners the `signal-exit` package has, which is in many programs by way of others. It does not end the process if it
 * counts a listener that is not its own, such as ours. So our listener must not leave the signal to it.
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
