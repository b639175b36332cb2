import fs from 'node:fs';

/** The file system as the spool sees it, with faults that a spec plans; {@link restore} ends that. */
export interface FaultyDisk {
  /**
   * What happens at a call from now on.
   * @param kind - `fault`: it fails; `short`: it writes half of the bytes; `kill`: the process ends in it, having written half
   * @param after - how many calls succeed before
   */
  plan(kind: 'fault' | 'short' | 'kill', after: number): void;
  /** What was planned and has not happened will not. */
  forget(): void;
  /** The process was killed: every call fails until {@link revive}. */
  readonly isKilled: boolean;
  revive(): void;
  /** Number of calls that failed. */
  faults: number;
  /** Whether one of them was needed to read a file. */
  readonly hasReadFault: boolean;
  restore(): void;
}

/** Calls that the spool makes. Those without effect on the disk can fail as well. */
const calls = [
  ...['openSync', 'writeSync', 'appendFileSync', 'readSync', 'readFileSync', 'renameSync', 'unlinkSync', 'readdirSync'],
  ...['ftruncateSync', 'truncateSync', 'utimesSync', 'mkdirSync', 'statSync', 'lstatSync', 'accessSync', 'rmdirSync'],
] as const;

type Call = (...args: unknown[]) => unknown;

/** Starts such faults. Calls below `/proc` are left alone: the spool asks there who runs. */
export function startFaultyDisk(): FaultyDisk {
  const real: Record<string, Call> = {};
  const open = new Set<number>();
  let planned: { readonly kind: 'fault' | 'short' | 'kill'; after: number } | undefined;
  let isKilled = false;
  let hasReadFault = false;

  function failing(name: string, code = 'EIO'): Error {
    disk.faults += 1;
    hasReadFault ||= ['lstatSync', 'openSync', 'readSync', 'readFileSync'].includes(name);
    return Object.assign(new Error(`${code}: ${name}, caused by the spec`), { code });
  }

  /** Does half of a call that writes. @returns how many bytes were written */
  function writeHalf(name: string, args: readonly unknown[]): unknown {
    const [target, data, offset, length, position] = args;
    if (name === 'writeSync') return real.writeSync?.(target, data, offset, Math.ceil(Number(length) / 2), position);
    if (name === 'appendFileSync') {
      const text = String(data);
      return real.appendFileSync?.(target, text.slice(0, Math.ceil(text.length / 2)), args[2]);
    }
    return undefined;
  }

  function intercepted(name: string, args: unknown[]): unknown {
    if (String(args[0]).startsWith('/proc')) return real[name]?.(...args);
    if (isKilled) throw failing(name);
    if (planned !== undefined) {
      const { kind } = planned;
      if (kind === 'short' && name === 'writeSync') {
        planned = undefined;
        return writeHalf(name, args);
      }
      planned.after -= 1;
      if (kind !== 'short' && planned.after < 0) {
        planned = undefined;
        isKilled = kind === 'kill';
        writeHalf(name, args);
        throw failing(name);
      }
    }
    const result = real[name]?.(...args);
    if (name === 'openSync') open.add(result as number);
    return result;
  }

  const shared = fs as unknown as Record<string, Call>;
  for (const name of calls) {
    real[name] = shared[name] as Call;
    shared[name] = (...args) => intercepted(name, args);
  }
  const { closeSync } = fs;
  fs.closeSync = (fd) => {
    open.delete(fd);
    closeSync(fd);
  };

  const disk = {
    faults: 0,
    plan(kind: 'fault' | 'short' | 'kill', after: number) {
      planned = { kind, after };
    },
    forget() {
      planned = undefined;
    },
    get hasReadFault() {
      return hasReadFault;
    },
    get isKilled() {
      return isKilled;
    },
    revive() {
      isKilled = false;
      planned = undefined;
    },
    restore() {
      for (const fd of open) closeSync(fd); // of processes that were killed
      Object.assign(fs, real, { closeSync });
    },
  };
  return disk;
}
