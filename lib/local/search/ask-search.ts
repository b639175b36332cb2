import { type Api, interrupted, type Params } from '../api/api.js';
import type { CommandContext } from '../command-line/command.js';
import { plural } from '../command-line/number-text.js';
import { LocalFailure } from '../failure.js';

/** An answer of a local server's search. */
interface Searched {
  /** How many traces are not indexed yet. */
  readonly indexing: number;
}

/** Longest wait for the server to index new traces, and longest wait without any progress. In milliseconds. */
const longestWaitMs = 10_000;
const longestStandstillMs = 2000;
const leastPauseMs = 50;

/**
 * Asks the search of a local server, and waits a while until it has indexed all stored traces.
 *
 * @param isPartGood - accepts an answer without the traces that are not indexed yet: `indexing` is their number
 * @returns undefined if the server has no such call, or has not indexed all traces and `isPartGood` is false
 */
export async function askSearch<T extends Searched>(
  { signal, terminal }: CommandContext,
  api: Api,
  path: string,
  params: Params,
  isPartGood = true,
): Promise<T | undefined> {
  const startedAt = performance.now();
  let fewest = Number.POSITIVE_INFINITY;
  let fewestAt = startedAt;
  for (;;) {
    const askedAt = performance.now();
    const found = await ask<T>(api, path, params);
    const now = performance.now();
    if (found === undefined || found.indexing === 0) {
      terminal.progress('');
      return found;
    }
    if (found.indexing < fewest) {
      fewest = found.indexing;
      fewestAt = now;
    }
    terminal.progress(`still to be searched: ${plural(found.indexing, 'trace')}`);
    if (now - startedAt > longestWaitMs || now - fewestAt > longestStandstillMs) return isPartGood ? found : undefined;
    // Waits as long as the answer took, so that the server can index traces meanwhile.
    await new Promise((resolve) => setTimeout(resolve, Math.max(leastPauseMs, now - askedAt)));
    if (signal.aborted) throw interrupted();
  }
}

async function ask<T>(api: Api, path: string, params: Params): Promise<T | undefined> {
  try {
    return await api.get<T>(path, params);
  } catch (error) {
    if (error instanceof LocalFailure && error.ending === 'notFound') return undefined;
    throw error;
  }
}
