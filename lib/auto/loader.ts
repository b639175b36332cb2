import { createLog } from '../common/log.js';
import { FileEdits, type Loaded } from './hooks.js';

/*
 * What Node before 22.15 loads into the thread that loads ES modules. Nothing else runs there.
 */

/** What the program's thread hands over. */
export interface LoaderData {
  readonly picked: readonly string[] | undefined;
  readonly debug: boolean;
}

let edits: FileEdits | undefined;

/** Called by Node with the data that was given to `register`. */
export function initialize({ picked, debug }: LoaderData): void {
  edits = new FileEdits(picked, createLog({ debug }).debug);
}

/** Called by Node for each file. */
export async function load(
  url: string,
  context: unknown,
  nextLoad: (url: string, context: unknown) => Promise<Loaded>,
): Promise<Loaded> {
  const result = await nextLoad(url, context);
  return edits?.edit(url, result) ?? result;
}
