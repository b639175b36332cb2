import { sharedMemory, threads, types } from '../../common/builtins.js';
import { clearInterval, performance, setInterval } from '../../common/real-time.js';

/*
 * When the main thread exits, the application's other threads end at once: they get no 'exit' event. So the main thread notifies
 * the threads that have something to send, and waits for them. The registry is shared memory with one slot for each thread.
 *
 *   main thread                                       another thread, started later
 *     publishRegistry() ─ environment data ─────────────> registerThread(): takes a slot idle
 *                                                         starts a trace                 busy
 *                                                         all is sent                    idle
 *     'exit': is any busy? ─── broadcast ───────────────> delivers as in 'exit'          ending
 *             sleeps on the slot <───── notify ────────── is done                        idle
 *
 * Invariants: the exit does not wait for a thread that has nothing to send; it waits at most `patienceMs` for a busy thread that was
 * terminated or is blocked; it waits for a thread that delivers until its own time is up.
 */

/** The states of a slot. */
const free = 0;
const idle = 1;
const busy = 2;
const ending = 3;

const slots = 1024;
/** How long a busy thread has to answer, in milliseconds. */
const patienceMs = 200;
/** How often a busy thread checks whether it still is busy, in milliseconds. */
const checkMs = 100;
const name = 'pandaprobe.exit.v1';

/** Makes the registry for threads that are started from now on. Does nothing outside the main thread. */
export function publishRegistry(): void {
  const { isMainThread, setEnvironmentData } = threads();
  if (!isMainThread || registryHere() !== undefined) return;
  const memory = sharedMemory(slots * Int32Array.BYTES_PER_ELEMENT);
  if (memory !== undefined) setEnvironmentData(name, memory);
}

/** A thread's slot in the registry. */
export interface ThreadSlot {
  /** There may be something to send. */
  markBusy(): void;
  leave(): void;
}

/**
 * Takes a slot. Undefined in the main thread, or if the main thread has no client.
 * @param isBusy - whether something is open or not sent yet
 * @param exit - delivers synchronously
 */
export function registerThread(isBusy: () => boolean, exit: () => void): ThreadSlot | undefined {
  const { BroadcastChannel, isMainThread } = threads();
  const board = isMainThread ? undefined : registryHere();
  const at = board?.findIndex((_, index) => Atomics.compareExchange(board, index, free, idle) === free) ?? -1;
  if (board === undefined || at === -1) return undefined;
  let timer: NodeJS.Timeout | undefined;
  const set = (state: number) => {
    Atomics.store(board, at, state);
    Atomics.notify(board, at);
  };
  const check = () => {
    if (isBusy()) return;
    clearInterval(timer);
    timer = undefined;
    set(idle);
  };
  const channel = new BroadcastChannel(name);
  channel.onmessage = () => {
    set(ending);
    exit();
    set(idle);
  };
  channel.unref();
  return {
    markBusy() {
      if (timer !== undefined) return;
      set(busy);
      timer = setInterval(check, checkMs).unref();
    },
    leave() {
      clearInterval(timer);
      channel.close();
      set(free);
    },
  };
}

/** Tells the busy threads that the process ends. @returns a function that waits for them until `deadline` at most */
export function endThreads(): (deadline: number) => void {
  const { BroadcastChannel, isMainThread } = threads();
  const board = isMainThread ? registryHere() : undefined;
  if (board === undefined || !board.includes(busy)) return () => {};
  const channel = new BroadcastChannel(name);
  channel.postMessage('exit');
  const patientUntil = performance.now() + patienceMs;
  return (deadline) => {
    for (let now = performance.now(); now < deadline; now = performance.now()) {
      const isPatient = now < patientUntil;
      const at = board.findIndex((state) => state === ending || (isPatient && state === busy));
      if (at === -1) break;
      const until = board[at] === busy ? Math.min(patientUntil, deadline) : deadline;
      Atomics.wait(board, at, board[at] === busy ? busy : ending, until - now);
    }
    channel.close();
  };
}

function registryHere(): Int32Array | undefined {
  const memory: unknown = threads().getEnvironmentData(name);
  return types.isSharedArrayBuffer(memory) ? new Int32Array(memory) : undefined;
}
