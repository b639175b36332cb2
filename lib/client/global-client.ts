import type { Options } from '../config/options.js';
import type { Frame } from '../engine/frame.js';
import type { Recorder } from '../engine/recorder.js';
import { Client } from './client.js';
import { recorderOf } from './recording/client-parts.js';

/**
 * The process-wide client lives on `globalThis`, so that every copy of this package in the process (ESM,
 * CommonJS, bundled) records with the one that `init()` or the environment made.
 */
interface Slot {
  client: Client | undefined;
}

const key = Symbol.for('pandaprobe.client.v1');

const shared = globalThis as { [key]?: Slot };
shared[key] ??= { client: undefined };
const slot: Slot = shared[key];

/**
 * Creates the process-wide client. An earlier one is shut down in the background, after it has delivered its items.
 *
 * @param options - options that are missing are read from the `PANDAPROBE_…` variables
 * @param env - holds these variables instead of the process, as the `env` of a Cloudflare Worker does
 * @returns the client, which every other function of this package uses from now on
 * @throws SettingsError `ERR_SETTINGS` when an option is wrong, or only one of key and project is given
 * @example
 * ```ts
 * init({ apiKey: 'sk_pp_your_key', projectName: 'support', environment: 'production' });
 * ```
 */
export function init(options: Options = {}, env?: object): Client {
  const client = new Client(options, env);
  const before = slot.client;
  slot.client = client;
  if (before !== undefined) void before.shutdown();
  return client;
}

/**
 * The process-wide client; the first use makes it from the environment. Disabled when nothing is configured.
 *
 * @example
 * ```ts
 * console.log(getClient().stats().pending);
 * ```
 */
export function getClient(): Client {
  slot.client ??= new Client();
  return slot.client;
}

/** Puts another client in its place, and gives the one before, which goes on as it is: for a while, in a test. */
export function swapClient(client: Client | undefined): Client | undefined {
  const before = slot.client;
  slot.client = client;
  return before;
}

/** Whether a new trace would be recorded, sampling apart. */
export function isRecording(): boolean {
  return getClient().enabled;
}

/** The recorder for a new trace that starts in `outside`, or undefined where nothing is recorded. */
export function currentRecorder(outside: Frame): Recorder | undefined {
  return recorderOf(getClient(), outside);
}
