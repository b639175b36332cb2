import fs from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { silentLog } from '../../../lib/common/log.js';
import type { Item } from '../../../lib/delivery/queue/item.js';
import { Spool } from '../../../lib/delivery/spool/spool.js';
import type { FaultyDisk } from './faulty-disk.js';
import type { SpoolDir } from './spool-folders.js';

/*
 * Several processes with one spool folder, on a disk with faults, which are killed at any call of the file system. A process is a
 * `Spool` here; its end is played by giving its folders the name of a process that is not there.
 *
 *   recorded ──keep──> held (in memory, and in a file) ──settle──> settled ──journal──> noted
 *                └──> waiting (on disk only) ──next──> held              │
 *                          process ends: left ──next, elsewhere──> held  └─ process ends before: may come again
 */

/** The calls without faults. */
const { readdirSync, readFileSync, renameSync } = fs;

/** What the model knows of an item. */
interface Known {
  state: 'held' | 'waiting' | 'left' | 'settled' | 'noted' | 'dropped' | 'lost' | 'unknown';
  /** The journal says for certain that it was in flight. */
  wasInFlight: boolean;
}

/** One machine with a disk, and what is known of all items. */
export class Machine {
  readonly items = new Map<string, Known>();
  /** Items of ended processes that were deleted to make room. Which ones is not known. */
  foreignDropped = 0;
  readonly #dir: SpoolDir;
  readonly disk: FaultyDisk;
  readonly #maxSpoolBytes: number;
  #processes = 0;

  constructor(dir: SpoolDir, disk: FaultyDisk, maxSpoolBytes: number) {
    this.#dir = dir;
    this.disk = disk;
    this.#maxSpoolBytes = maxSpoolBytes;
  }

  start(maxSpoolBytes = this.#maxSpoolBytes): Process {
    this.#processes += 1;
    return new Process(this, this.#processes, this.#dir.path, maxSpoolBytes);
  }

  /** Names of the folders, by partition. */
  folders(): string[] {
    const [partition] = readdirSync(this.#dir.path);
    if (partition === undefined) return [];
    return readdirSync(join(this.#dir.path, partition)).map((name) => join(this.#dir.path, partition, name));
  }

  /** Names of all items in files, settled ones included. */
  inFiles(): Set<string> {
    const lines = this.folders().flatMap((path) =>
      readdirSync(path).flatMap((file) =>
        file.endsWith('.spool') ? readFileSync(join(path, file), 'utf8').split('\n') : [],
      ),
    );
    return new Set(lines.flatMap((line) => /"name":"(\d+:\d+)"/.exec(line)?.[1] ?? []));
  }

  known(name: string): Known {
    const known = this.items.get(name);
    if (known === undefined) throw new Error(`${name} was never recorded`);
    return known;
  }
}

/** One process, and what it should know. */
export class Process {
  readonly #machine: Machine;
  readonly #number: number;
  readonly #spool: Spool;
  #lastId = 0;
  /** Items in memory: name by id. */
  readonly #held = new Map<number, string>();
  /** Items that the disk did not take. */
  readonly #unkept = new Set<number>();
  /** Items that are on disk only, oldest first: id and name. */
  readonly #waiting: { readonly id: number; readonly name: string }[] = [];
  /** Settled, but not noted for certain. */
  readonly #settled = new Set<string>();
  #folders = new Set<string>();

  constructor(machine: Machine, number: number, spoolDir: string, maxSpoolBytes: number) {
    this.#machine = machine;
    this.#number = number;
    this.#spool = new Spool(
      {
        ...{ spoolDir, maxSpoolBytes, log: silentLog },
        ...{ endpoint: 'http://127.0.0.1', projectName: 'p', apiKey: 'sk_pp_spec' },
      },
      (ids, foreign) => {
        for (const id of ids) {
          const at = this.#waiting.findIndex((item) => item.id === id);
          expect(at, `drops item ${id}, which is not on disk only`).to.be.at.least(0);
          const [dropped] = this.#waiting.splice(at, 1);
          this.#machine.known(dropped?.name ?? '').state = 'dropped';
        }
        this.#machine.foreignDropped += foreign;
      },
    );
  }

  /** Runs an action of the spool, and notes which folders belong to this process now. */
  #do<T>(action: () => T): T {
    const before = new Set(this.#machine.folders());
    try {
      return action();
    } finally {
      const after = this.#machine.folders();
      for (const path of after) if (!before.has(path) && !path.includes('free-')) this.#folders.add(path);
      this.#folders = new Set([...this.#folders].filter((path) => after.includes(path)));
    }
  }

  keep(hasRoom: boolean, padding: number): void {
    this.#lastId += 1;
    const id = this.#lastId;
    const name = `${this.#number}:${id}`;
    const known: Known = { state: 'unknown', wasInFlight: false };
    this.#machine.items.set(name, known);
    const flags = { isUpdate: false, isUncertain: false, isRemote: false };
    const item = { id, kind: 'trace', traceId: name, ...flags } as Partial<Item> as Item; // all that the spool reads
    const kept = this.#do(() => this.#spool.keep(item, [JSON.stringify({ name, text: 'x'.repeat(padding) })], hasRoom));
    if (this.#machine.disk.isKilled) return; // unknown: the line may be whole
    if (kept === 'onDisk') {
      known.state = 'waiting';
      this.#waiting.push({ id, name });
    } else {
      known.state = 'held';
      this.#held.set(id, name);
      if (kept === 'unkept') this.#unkept.add(id);
    }
  }

  /** @returns the name of the item that was read */
  next(isOwnOnly: boolean): string | undefined {
    const line = this.#do(() => this.#spool.next(isOwnOnly));
    if (line === undefined) return undefined;
    const { name } = JSON.parse(line.bodies[0] ?? '') as { name: string };
    const known = this.#machine.known(name);
    if (line.isForeign) {
      expect(known.state, `${name}, read from an ended process`).to.be.oneOf(['left', 'unknown']);
      this.#lastId += 1;
    } else {
      const at = this.#waiting.findIndex((item) => item.name === name);
      expect(at, `${name} is on disk only`).to.be.at.least(0);
      // A file that cannot be read just now is read later than those behind it.
      if (!this.#machine.disk.hasReadFault) expect(at, 'the oldest item on disk only').to.equal(0);
      this.#waiting.splice(at, 1);
    }
    if (known.wasInFlight) expect(line.wasInFlight, `${name} was in flight`).to.equal(true);
    const id = line.isForeign ? this.#lastId : line.id;
    known.state = 'held';
    this.#held.set(id, name);
    this.#spool.place(id, line);
    return name;
  }

  settle(choice: number): void {
    const [id, name] = this.#pick(choice) ?? [];
    if (id === undefined || name === undefined) return;
    this.#do(() => this.#spool.settle(id));
    this.#held.delete(id);
    if (this.#unkept.delete(id))
      this.#machine.known(name).state = 'lost'; // it was only here
    else {
      this.#machine.known(name).state = 'settled';
      this.#settled.add(name);
    }
  }

  markInFlight(choice: number): void {
    const [id, name] = this.#pick(choice) ?? [];
    if (id === undefined || name === undefined) return;
    this.#do(() => this.#spool.markInFlight(id));
    const isNoted = this.flushJournal();
    if (isNoted && this.#spool.isOnDisk(id)) this.#machine.known(name).wasInFlight = true;
  }

  /** @returns whether nothing went wrong */
  flushJournal(): boolean {
    this.#machine.disk.faults = 0;
    this.#do(() => this.#spool.flushJournal());
    if (this.#machine.disk.faults > 0) return false;
    for (const name of this.#settled) this.#machine.known(name).state = 'noted';
    this.#settled.clear();
    return true;
  }

  heartbeat(): void {
    this.#do(() => this.#spool.heartbeatAndAdopt());
  }

  retryNow(): void {
    this.#do(() => this.#spool.retryNow());
  }

  /** The process ends. @param isClosed - in an orderly way */
  end(isClosed: boolean): void {
    for (const [id, name] of this.#held) {
      const known = this.#machine.known(name);
      known.state = this.#unkept.has(id) || !this.#spool.isOnDisk(id) ? 'lost' : 'left';
    }
    for (const { name } of this.#waiting) this.#machine.known(name).state = 'left';
    for (const name of this.#settled) this.#machine.known(name).state = 'unknown';
    if (isClosed && !this.#machine.disk.isKilled) {
      const names = [...this.#settled];
      this.#machine.disk.faults = 0;
      this.#do(() => this.#spool.close());
      if (this.#machine.disk.faults === 0) for (const name of names) this.#machine.known(name).state = 'noted';
    }
    this.#machine.disk.revive();
    for (const path of this.#folders) {
      if (!this.#machine.folders().includes(path)) continue;
      const [, ...rest] = (path.split('/').at(-1) ?? '').split('-');
      renameSync(path, join(path, '..', ['4194305', ...rest].join('-'))); // more than any process id of Linux
    }
  }

  #pick(choice: number): [number, string] | undefined {
    return this.#held.size === 0 ? undefined : [...this.#held][choice % this.#held.size];
  }
}
