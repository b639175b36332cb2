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
 * @param options - default to the `PANDAPROBE_…` variables
 * @param env - the variables to read instead of `process.env`, such as the `env` of a Cloudflare Worker
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
 * Returns the process-wide client. The first use creates it from the environment variables. It is disabled if nothing is
 * configured.
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

/** Replaces the process-wide client for a while, in a test. @returns the previous client, which keeps running */
export function swapClient(client: Client | undefined): Client | undefined {
  const before = slot.client;
  slot.client = client;
  return before;
}

/** Whether a new trace would be recorded, sampling apart. */
export function isRecording(): boolean {
  return getClient().enabled;
}

/** The recorder for a new trace that starts in `outside`; undefined if nothing is recorded. */
export function currentRecorder(outside: Frame): Recorder | undefined {
  return recorderOf(getClient(), outside);
}
