import { sharedMemory, threads, types } from '../../common/builtins.js';
import { clearInterval, performance, setInterval, wallMs } from '../../common/real-time.js';

/*
 * When the main thread exits, the application's other threads end at once: they get no 'exit' event. So the main thread notifies
 * the threads that have something to send, and waits for them. The registry is shared memory with one slot for each thread.
 *
 *   main thread                                       another thread, started later
 *     publishRegistry() ─ environment data ─────────────> registerThread(): takes a slot idle
 *                                                         starts a trace                 busy, last seen at …
 *                                                         all is sent                    idle
 *     'exit': is any busy? ─── broadcast ───────────────> delivers as in 'exit'          ending
 *             sleeps on the slot <───── notify ────────── is done                        idle
 *                                                         ends by itself, and delivers   leaving since …
 *             sleeps on the slot <───── notify ────────── has ended                      free
 *
 * Invariants: the exit does not wait for a thread that has nothing to send; it waits for a thread that delivers until its own time is
 * up. A terminated thread leaves its slot as it was. So the exit waits only a moment for the answer of a busy thread, and longer if the
 * thread was seen within `justNowMs`, because it may be blocked. For a thread that ends by itself, the exit waits until `longestLeaveMs`
 * after the thread began to end.
 */

/** The states of a slot. */
const free = 0;
const idle = 1;
const ending = 2;
/** A state of at least this number means that the thread ends by itself. The rest, `state - leaving`, is the time at which it began to, by {@link sharedClock}. */
const leaving = 3;
/** At this state and below, the thread is busy: {@link seenAt} is the time at which it was last seen. */
const busy = -1;
const seenAt = (state: number) => busy - state;

const slots = 1024;
/** How long the exit waits for a busy thread's answer, in milliseconds: for one that was seen within `justNowMs`, and for any other. */
const patienceMs = 600;
const shortPatienceMs = 200;
const justNowMs = 500;
/** How long a thread that ends by itself has to deliver, in milliseconds: one back-off and a second request. */
const longestLeaveMs = 3000;
/** A busy thread that was not seen for this long, in milliseconds, counts as terminated. */
const longestUnseenMs = 60_000;
/** The clock in a slot begins anew after so many milliseconds: about twelve days. */
const clockRange = 2 ** 30;
/** How often a busy thread checks whether it still is busy, and shows that it is there, in milliseconds. */
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
  /** The thread has begun to end, and delivers. */
  markLeaving(): void;
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
  const at = board === undefined ? -1 : takeSlot(board);
  if (board === undefined || at === -1) return undefined;
  let timer: NodeJS.Timeout | undefined;
  const set = (state: number) => {
    Atomics.store(board, at, state);
    Atomics.notify(board, at);
  };
  const check = () => {
    if (isBusy()) {
      set(busy - sharedClock());
      return;
    }
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
      set(busy - sharedClock());
      timer = setInterval(check, checkMs).unref();
    },
    markLeaving() {
      if (isBusy()) set(leaving + sharedClock());
    },
    leave() {
      clearInterval(timer);
      channel.close();
      set(free);
    },
  };
}

/**
 * Takes a free slot. If there is none, it takes the slot of a terminated thread, which never gives its slot back: a busy one that was not
 * seen for long, else an idle one. An idle slot may also be that of a running thread; then the two threads share it.
 * @returns the slot's number; -1 if every thread is busy
 */
function takeSlot(board: Int32Array): number {
  const take = (mayTake: (state: number) => boolean) =>
    board.findIndex((state, at) => mayTake(state) && Atomics.compareExchange(board, at, state, idle) === state);
  const at = take((state) => state === free);
  if (at !== -1) return at;
  const unseen = take((state) => state <= busy && since(seenAt(state)) > longestUnseenMs);
  return unseen !== -1 ? unseen : idleSlot(board);
}

/** A random idle slot, so that no slot is shared by many threads; -1 if there is none. */
function idleSlot(board: Int32Array): number {
  const idleAt = [...board.keys()].filter((at) => board[at] === idle);
  return idleAt[Math.floor(Math.random() * idleAt.length)] ?? -1;
}

/** Tells the busy threads that the process ends. @returns a function that waits for them until `deadline` at most */
export function endThreads(): (deadline: number) => void {
  const { BroadcastChannel, isMainThread } = threads();
  const board = isMainThread ? registryHere() : undefined;
  if (board?.some((state) => state <= busy || state >= leaving) !== true) return () => {};
  const channel = new BroadcastChannel(name);
  channel.postMessage('exit');
  const startedAt = performance.now();
  return (deadline) => {
    for (let now = performance.now(); now < deadline; now = performance.now()) {
      const states = Array.from(board);
      const at = states.findIndex((state) => waitOf(state, now - startedAt) > 0);
      const state = states[at];
      if (state === undefined) break;
      // Returns at once if the slot has changed since.
      Atomics.wait(board, at, state, Math.min(waitOf(state, now - startedAt), deadline - now));
    }
    channel.close();
  };
}

/** How long to wait for a thread in this state, in milliseconds. @param waitedMs - since the broadcast */
function waitOf(state: number, waitedMs: number): number {
  if (state === ending) return Number.POSITIVE_INFINITY;
  if (state >= leaving) return longestLeaveMs - since(state - leaving);
  if (state > busy) return 0;
  const isThere = since(seenAt(state)) < justNowMs + waitedMs;
  return (isThere ? patienceMs : shortPatienceMs) - waitedMs;
}

/** Milliseconds since a time of the shared clock. */
function since(time: number): number {
  return (sharedClock() - time + clockRange) % clockRange;
}

/** A clock that is the same in all threads, in milliseconds. If the wall clock is set back, a wait may end early. */
function sharedClock(): number {
  return Math.floor(wallMs()) % clockRange;
}

function registryHere(): Int32Array | undefined {
  const memory: unknown = threads().getEnvironmentData(name);
  return types.isSharedArrayBuffer(memory) ? new Int32Array(memory) : undefined;
}
