import { count, plural } from '../command-line/number-text.js';
import type { TraceListItem } from '../store/trace-list.js';

/** How complete the result of a search is. */
export interface Searching {
  /** There may be more than `total`, which was not counted to the end. */
  readonly at_least?: true;
  /** Number of traces that a local server has stored and not indexed yet. */
  readonly indexing?: number;
  /** Number of traces that were read, if the server has no search. */
  readonly read?: number;
  /** Number of all traces, of which only the newest were read. */
  readonly of?: number;
}

/** One page of the traces that the options select, and their number. */
export interface Found extends Searching {
  readonly items: TraceListItem[];
  readonly total: number;
}

/** `1,001`, or `at least 1,001`. */
export function totalText({ total, at_least: isMore }: Searching & { readonly total: number }): string {
  return `${isMore === true ? 'at least ' : ''}${count(total)}`;
}

/** Says what was left out, as the end of a sentence; empty if nothing was. */
export function leftOutText({ read, of, indexing }: Searching): string {
  const newest = read === undefined || of === undefined ? '' : `, in the newest ${count(read)} of ${count(of)} traces`;
  const busy = indexing === undefined || indexing === 0 ? '' : ` (still to be searched: ${plural(indexing, 'trace')})`;
  return newest + busy;
}
