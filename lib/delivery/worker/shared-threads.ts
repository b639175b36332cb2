import type { Worker, WorkerOptions } from 'node:worker_threads';
import { fs, threads } from '../../common/builtins.js';
import type { ThreadData } from './thread-data.js';
import { threadSource } from './thread-source.js';

/** Memory of a thread, in MiB: enough to parse and split a body of about 20 MB. A thread that needs more dies alone. */
const resourceLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 4 };
/**
 * Most senders in one thread. Their bodies in flight, up to 4 MiB for each sender, must fit into its memory several times. A
 * thread takes 10 MB and about 50 ms to start, so 80 clients share 5 threads.
 */
const sendersPerThread = 16;

/** A thread and, for each of its senders, the callback for the thread's end. */
interface SharedThread {
  readonly worker: Worker;
  readonly senders: Set<(reason: string) => void>;
}

/** A sender's place in a thread. */
interface Seat {
  /** Whether other senders are, or were, in the same thread. */
  readonly isShared: boolean;
  /** The sender is closed. The thread ends with its last sender. */
  leave(): void;
}

/** Threads with room for one more sender, by their environment. */
const open = new Map<string, SharedThread>();

/**
 * Starts a sender in a thread that the deliveries of this process share. Each sender has its own port, memory, sockets and key.
 * @param env - the thread's whole environment
 * @param isAlone - the sender gets a thread of its own: a delivery whose thread has died must not end others
 * @param onGone - called once when the thread ends by itself; not after `leave`
 * @throws if the platform has no threads, or does not allow them
 */
export function takeSeat(
  data: ThreadData,
  env: Readonly<Record<string, string>>,
  isAlone: boolean,
  onGone: (reason: string) => void,
): Seat {
  const key = JSON.stringify(env);
  const found = isAlone ? undefined : open.get(key);
  found?.worker.postMessage(data, [data.port]);
  const thread = found ?? startShared(data, env);
  let isShared = found !== undefined;
  thread.senders.add(onGone);
  offer();

  /** Lists the thread as open while it has room. */
  function offer(): void {
    const hasRoom = !isAlone && thread.senders.size > 0 && thread.senders.size < sendersPerThread;
    if (hasRoom && !open.has(key)) open.set(key, thread);
    else if (!hasRoom && open.get(key) === thread) open.delete(key);
  }

  return {
    get isShared() {
      isShared ||= thread.senders.size > 1;
      return isShared;
    },
    leave() {
      if (thread.senders.delete(onGone)) offer();
    },
  };
}

function startShared(data: ThreadData, env: Readonly<Record<string, string>>): SharedThread {
  const options: WorkerOptions = {
    name: 'pandaprobe',
    eval: true,
    workerData: data,
    transferList: [data.port],
    env: { ...env },
    // Without the application's preloads, inspector and other flags.
    execArgv: [],
    resourceLimits,
  };
  const obstacle = threadObstacle();
  if (obstacle !== undefined) throw new Error(obstacle);
  // Not `new Worker(…)`: bundlers look for a file behind it.
  const worker: Worker = Reflect.construct(threads().Worker, [threadSource, options]);
  const thread: SharedThread = { worker, senders: new Set() };
  const gone = (reason: string) => {
    for (const [key, each] of open) if (each === thread) open.delete(key);
    const senders = [...thread.senders];
    thread.senders.clear();
    for (const onGone of senders) onGone(reason);
  };
  worker.once('error', (error: Error & { code?: unknown }) => gone(String(error.code ?? error.name)));
  worker.once('exit', () => gone('it ended'));
  worker.unref();
  return thread;
}

/** What would make a thread die as it starts, or abort the process. */
export function threadObstacle(): string | undefined {
  if (!hasWorkingDirectory()) return 'the working directory is gone';
  return isFromSnapshot() ? 'in a process from a snapshot, Node aborts when a thread loads node:http' : undefined;
}

/** Whether the process was started from a snapshot, by a Node whose threads then abort it. *Observed* with 22.23, 24.21 and 26.10, not with 20.20. */
function isFromSnapshot(): boolean {
  return (
    Number.parseInt(process.versions.node, 10) > 20 &&
    process.execArgv.some((flag) => /^--snapshot[-_]blob\b/.test(flag))
  );
}

/** Whether the working directory exists. Node's threads read it when they start, and die if it was deleted. */
function hasWorkingDirectory(): boolean {
  try {
    fs().realpathSync.native('.'); // not `process.cwd()`, for which graceful-fs remembers the answer
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'; // it may also be that the permission model does not let us look
  }
}
