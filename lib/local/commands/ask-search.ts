import { LocalFailure } from '../failure.js';
import { type Api, interrupted, type Params } from './api.js';
import type { CommandContext } from './command.js';

/** An answer of the search of a local server. */
interface Searched {
  /** How many traces are not searched yet. */
  readonly indexing: number;
}

/** Longest wait for the server to search what it has just stored. */
const longestWaits = 200;
const waitMs = 50;

/**
 * Asks the search of a local server, and waits until it has taken in all that is stored. Undefined where the server has no such
 * call, or is busy for longer than that.
 */
export async function askSearch<T extends Searched>(
  { signal }: CommandContext,
  api: Api,
  path: string,
  params: Params,
): Promise<T | undefined> {
  for (let waits = 0; waits <= longestWaits; waits += 1) {
    const found = await ask<T>(api, path, params);
    if (found === undefined || found.indexing === 0) return found;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    if (signal.aborted) throw interrupted();
  }
  return undefined;
}

async function ask<T>(api: Api, path: string, params: Params): Promise<T | undefined> {
  try {
    return await api.get<T>(path, params);
  } catch (error) {
    if (error instanceof LocalFailure && error.ending === 'notFound') return undefined;
    throw error;
  }
}
