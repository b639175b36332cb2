import { crypto, fs, os } from '../../common/builtins.js';

/**
 * The owner of a spool folder: a process; on Linux one thread of it, because a thread may end long before its process. The owner is
 * in the folder's name. So creating, adopting or freeing a folder is one `mkdir` or `rename`, which succeeds for exactly one owner:
 *
 * ```
 *  4711-88213344-9f86d081a0b1-a3b1c2d4e5f60718      free-a3b1c2d4e5f60718
 *  id   started  machine      random                freed by its owner, for anyone
 * ```
 */
interface Owner {
  /**
   * The process's id; on Linux the thread's id, which `process.kill` and `/proc` accept as well. The main thread's id is the
   * process's.
   */
  readonly id: number;
  /** When it started, in clock ticks since the machine started; `0` if unknown. */
  readonly started: string;
  /** The machine and the process-id namespace: a container has its own. */
  readonly machine: string;
}

/**
 * A folder of another machine or container, whose processes cannot be seen from here, counts as given up when it was not touched
 * for this long, in milliseconds.
 */
const leaseMs = 60_000;

let self: Owner | undefined;

/** The owner for the calling thread: on Linux the thread, else its process. */
export function currentOwner(): Owner {
  if (self !== undefined) return self;
  const id = currentId();
  self = { id, started: startOf(id) ?? '0', machine: machine() };
  return self;
}

/** A new name for a folder of `owner`; without `owner`, for a free folder. */
export function folderName(owner?: Owner): string {
  const random = crypto().randomBytes(8).toString('hex');
  return owner === undefined ? `free-${random}` : `${owner.id}-${owner.started}-${owner.machine}-${random}`;
}

/**
 * Whether the owner of a folder has ended or freed it.
 * @param touchedMs - time since it was last touched, in milliseconds
 */
export function isGivenUp(name: string, touchedMs: number): boolean {
  if (/^free-[0-9a-f]+$/.test(name)) return true;
  const [, id, started = '', host] = /^(\d+)-(\d+)-([0-9a-f]+)-[0-9a-f]+$/.exec(name) ?? [];
  if (id === undefined) return false; // the spool never makes such a name
  if (host !== currentOwner().machine) return touchedMs > leaseMs;
  if (!isRunning(Number(id))) return true;
  const now = startOf(Number(id));
  if (now !== undefined && started !== '0') return now !== started; // if they differ, the id belongs to a later process or thread
  return touchedMs > leaseMs;
}

/** Source: proc(5), `/proc/thread-self`, a link to `<process>/task/<thread>`. */
function currentId(): number {
  try {
    return Number(/^\d+\/task\/(\d+)$/.exec(fs().readlinkSync('/proc/thread-self'))?.[1] ?? process.pid);
  } catch {
    return process.pid;
  }
}

function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // it runs, for another user
  }
}

/** Source: proc(5), field 22 of `/proc/<pid>/stat`; the second field is a name that may hold spaces and brackets. */
function startOf(id: number): string | undefined {
  try {
    const text = fs().readFileSync(`/proc/${id}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function machine(): string {
  const facts = [os().hostname()];
  try {
    facts.push(
      fs().readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim(),
      fs().readlinkSync('/proc/self/ns/pid'),
    );
  } catch {
    // Not Linux: the host name alone.
  }
  return crypto().createHash('sha256').update(facts.join('\n')).digest('hex').slice(0, 12);
}
