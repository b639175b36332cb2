import { crypto, fs, os } from '../../common/builtins.js';

/**
 * Who a spool folder belongs to, by its name alone, so that making, taking over and giving up a folder are one
 * `mkdir` or `rename` each, which the file system does for exactly one process:
 *
 * ```
 *  4711-88213344-9f86d081-a3b1c2d4      free-a3b1c2d4
 *  pid  started  machine  random        given up by its process: anybody's
 * ```
 */
export interface Owner {
  readonly pid: number;
  /** When the process started, in clock ticks since the machine did; `0` where that cannot be read. */
  readonly started: string;
  /** Which machine, and which of its process-id spaces: a container has its own. */
  readonly machine: string;
}

/**
 * A folder of another machine or container, whose processes cannot be looked at, counts as given up when its owner
 * has not touched it for this long, in milliseconds.
 */
export const leaseMs = 60_000;

let self: Owner | undefined;

/** This process. */
export function ownerOfThisProcess(): Owner {
  self ??= { pid: process.pid, started: startOf(process.pid) ?? '0', machine: machine() };
  return self;
}

/** A new name for a folder of `owner`; without one, for a folder that is anybody's. */
export function folderName(owner?: Owner): string {
  const random = crypto().randomBytes(8).toString('hex');
  return owner === undefined ? `free-${random}` : `${owner.pid}-${owner.started}-${owner.machine}-${random}`;
}

/**
 * Whether nobody uses the folder any more.
 * @param touchedMs - how long ago it was last touched, in milliseconds
 */
export function isGivenUp(name: string, touchedMs: number): boolean {
  if (/^free-[0-9a-f]+$/.test(name)) return true;
  const [, pid, started = '', host] = /^(\d+)-(\d+)-([0-9a-f]+)-[0-9a-f]+$/.exec(name) ?? [];
  if (pid === undefined) return false; // not a name of ours
  if (host !== ownerOfThisProcess().machine) return touchedMs > leaseMs;
  if (!isRunning(Number(pid))) return true;
  const now = startOf(Number(pid));
  if (now !== undefined && started !== '0') return now !== started; // the number was given to another process
  return touchedMs > leaseMs;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // it is there, and somebody else's
  }
}

/** Source: proc(5), field 22 of `/proc/<pid>/stat`; the second field is a name that may hold spaces and brackets. */
function startOf(pid: number): string | undefined {
  try {
    const text = fs().readFileSync(`/proc/${pid}/stat`, 'latin1');
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
    // Not Linux: the name must do.
  }
  return crypto().createHash('sha256').update(facts.join('\n')).digest('hex').slice(0, 12);
}
