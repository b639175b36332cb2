import type { Log } from '../../common/log.js';
import type { Frame } from '../../engine/frame.js';
import type { Recorder } from '../../engine/recorder.js';
import type { TraceRecord } from '../../model/records.js';
import type { TraceFields } from '../../model/trace-data-record.js';

/** Code that holds another tracer's spans until their trace is over. */
export interface Guest {
  readonly isBusy: boolean;
  /** Hands over all spans now, because `client` accepts nothing afterwards. */
  endOpen(client: object): void;
}

/** The parts of a client that wrappers and integrations use, and users do not. */
interface ClientParts {
  /**
   * The recorder for a new trace, or undefined where nothing is recorded.
   * @param outside - in which the trace starts
   * @param isKept - another process has decided already that the trace is kept
   */
  recorder(outside: Frame, isKept?: boolean): Recorder | undefined;
  /** Makes the record of a trace that was recorded elsewhere. */
  recordOf(trace: TraceFields, log: Log): TraceRecord;
  /** Whether something is open or not sent yet. */
  isBusy(): boolean;
  /** Registers `guest`, whose spans are collected before the client or the process ends. @returns all guests, so that it can leave */
  host(guest: Guest): Set<Guest>;
}

/**
 * The parts of each client. Kept here and not on the client, which shows users only what is theirs; and on `globalThis`, so that
 * a copy of this package (ESM, CommonJS, bundled) records with a client that another copy made.
 */
const key = Symbol.for('pandaprobe.clients.v1');

const shared = globalThis as { [key]?: WeakMap<object, ClientParts> };
shared[key] ??= new WeakMap();
const clients = shared[key];

/** Lets {@link partsOf} find the parts of `client`. */
export function offerParts(client: object, parts: ClientParts): void {
  clients.set(client, parts);
}

/** The parts of a client of this package, or of another copy of it; undefined for anything else. */
export function partsOf(client: object): ClientParts | undefined {
  return clients.get(client);
}

/** The recorder for a new trace of `client`; see {@link ClientParts}. */
export function recorderOf(client: object, outside: Frame, isKept?: boolean): Recorder | undefined {
  return clients.get(client)?.recorder(outside, isKept);
}
