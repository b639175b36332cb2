import { createLog } from '../common/log.js';
import { FileEdits, type Loaded } from './file-edits.js';

/*
 * Module hooks for Node before 22.15, which runs them in a thread of its own.
 */

/** Data from the program's thread. */
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
