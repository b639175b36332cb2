import { sharedMemory, threads, types } from '../../common/builtins.js';
import { clearInterval, performance, setInterval } from '../../common/real-time.js';

/*
 * When the main thread exits, the application's other threads end on the spot: they get no 'exit' event. So the main thread
 * tells them, and waits.
 *
 *   main thread                                       another thread, started later
 *     offerBoard() ─── environment data ────────────────> joinBoard(): takes a place     idle
 *                                                         starts a trace                 busy
 *                                                         all is sent                    idle
 *     'exit': is any busy? ─── broadcast ───────────────> delivers as in 'exit'          ending
 *             sleeps on the board <──── notify ────────── is done                        idle
 *
 * Invariants: a thread that has nothing to send costs the exit nothing; one that was terminated, or does not get to its
 * messages, costs `patienceMs`; one that delivers, what is left of the time the main thread has.
 */

/** What a place of the board says. */
const free = 0;
const idle = 1;
const busy = 2;
const ending = 3;

const places = 1024;
/** How long a busy thread has to answer. */
const patienceMs = 200;
/** How often a busy thread looks whether it still is. */
const checkMs = 100;
const name = 'pandaprobe.exit.v1';

/** From now on, threads that are started can be told of the exit. For the main thread. */
export function offerBoard(): void {
  const { isMainThread, setEnvironmentData } = threads();
  if (!isMainThread || boardHere() !== undefined) return;
  const memory = sharedMemory(places * Int32Array.BYTES_PER_ELEMENT);
  if (memory !== undefined) setEnvironmentData(name, memory);
}

/** A thread's place on the board. */
export interface Place {
  /** There may be something to send. */
  markBusy(): void;
  leave(): void;
}

/**
 * Takes a place, unless this is the main thread or the main thread has no client.
 * @param isBusy - whether something is open or not sent yet
 * @param exit - delivers synchronously
 */
export function joinBoard(isBusy: () => boolean, exit: () => void): Place | undefined {
  const { BroadcastChannel, isMainThread } = threads();
  const board = isMainThread ? undefined : boardHere();
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
  const board = isMainThread ? boardHere() : undefined;
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

function boardHere(): Int32Array | undefined {
  const memory: unknown = threads().getEnvironmentData(name);
  return types.isSharedArrayBuffer(memory) ? new Int32Array(memory) : undefined;
}
