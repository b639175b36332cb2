import type { TraceListItem } from '../store/trace-list.js';

/** How sure a search is of what it has found. */
export interface Searching {
  /** There may be more than `total`: they were not counted to the end. */
  readonly at_least?: true;
  /** How many traces a local server has stored and not searched yet. */
  readonly indexing?: number;
  /** How many traces were read to find them, where the server has not looked itself. */
  readonly read?: number;
  /** Of how many the newest ones were read. */
  readonly of?: number;
}

/** A part of the traces that the options name, and how many were looked at or are there in all. */
export interface Found extends Searching {
  readonly items: TraceListItem[];
  readonly total: number;
}

/** `1,001`, or `at least 1,001`. */
export function totalText({ total, at_least: isMore }: Searching & { readonly total: number }): string {
  return `${isMore === true ? 'at least ' : ''}${count(total)}`;
}

/** What was left out, as the end of a sentence; empty for nothing. */
export function leftOutText({ read, of, indexing }: Searching): string {
  const newest = read === undefined || of === undefined ? '' : `, in the newest ${count(read)} of ${count(of)} traces`;
  const busy = indexing === undefined || indexing === 0 ? '' : ` (${count(indexing)} traces are still to be searched)`;
  return newest + busy;
}

const digits = new Intl.NumberFormat('en-US');

/** A number for people. */
export function count(number: number): string {
  return digits.format(number);
}
