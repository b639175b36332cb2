import type { Log } from '../../common/log.js';
import type { Recorder } from '../../engine/recorder.js';
import type { TraceRecord } from '../../model/records.js';
import type { TraceFields } from '../../model/trace-data-record.js';

/** Holds spans of another tracer, which are handed in when their trace is over. */
export interface Guest {
  readonly isBusy: boolean;
  /** Hands in everything at once, because `client` takes nothing later. */
  endOpen(client: object): void;
}

/** What the rest of the package needs of a client, and users do not. */
export interface Inside {
  /**
   * The recorder for a new trace, or undefined where nothing is recorded.
   * @param isKept - another process has decided already that the trace is kept
   */
  recorder(isKept?: boolean): Recorder | undefined;
  /** The record of a trace that was put together elsewhere. */
  recordOf(trace: TraceFields, log: Log): TraceRecord;
  /** Asks `guest` for what it holds before the client or the process ends. */
  host(guest: Guest): void;
}

/**
 * The inside of each client. Kept here and not on the client, which shows users only what is theirs; and on `globalThis`, so
 * that a copy of this package (ESM, CommonJS, bundled) records with a client that another copy made.
 */
const key = Symbol.for('pandaprobe.clients.v1');

const shared = globalThis as { [key]?: WeakMap<object, Inside> };
shared[key] ??= new WeakMap();
const insides = shared[key];

/** Lets {@link insideOf} find the inside of `client`. */
export function offerInside(client: object, inside: Inside): void {
  insides.set(client, inside);
}

/** Undefined for what is no client of this package, or of another copy of it. */
export function insideOf(client: object): Inside | undefined {
  return insides.get(client);
}

/** The recorder for a new trace of `client`, or undefined where nothing is recorded. */
export function recorderOf(client: object, isKept?: boolean): Recorder | undefined {
  return insides.get(client)?.recorder(isKept);
}
