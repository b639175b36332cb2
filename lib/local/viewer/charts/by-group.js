// Releases or environments beside each other over time: what changed with the last one.

import { count, duration, money } from '../core/format.js';
import { placeRows } from './buckets.js';
import { drawChart } from './chart-svg.js';

/** @import {GroupBucket, GroupRow} from '../shapes.js' */

const tones = ['one', 'two', 'three', 'four'];
const percent = (/** @type {number} */ value) => `${Number(value.toFixed(1))} %`;

/** The charts: a title, the value of a row, and its format. */
const kinds = /** @type {const} */ ([
  { title: 'Traces', as: 'bars', format: count, of: (/** @type {GroupRow} */ row) => row.call_count },
  { title: 'Failed', as: 'lines', format: percent, of: failedOf },
  { title: 'Latency p50', as: 'lines', format: duration, of: (/** @type {GroupRow} */ row) => row.p50_latency_ms },
  { title: 'Latency p95', as: 'lines', format: duration, of: (/** @type {GroupRow} */ row) => row.p95_latency_ms },
  { title: 'Tokens of a trace', as: 'lines', format: whole, of: each('total_tokens') },
  { title: 'Cost of a trace', as: 'lines', format: money, of: each('total_cost') },
]);

/**
 * @param {readonly number[]} starts
 * @param {readonly string[]} labels
 * @param {readonly GroupBucket[]} rows
 * @param {readonly GroupRow[]} sums of the whole time
 */
export function drawByGroup(starts, labels, rows, sums) {
  /** @type {Map<string, GroupBucket[]>} */
  const groups = new Map();
  for (const row of rows) groups.set(row.name, [...(groups.get(row.name) ?? []), row]);
  // The one seen last comes first, as in the table.
  const names = sums.map(({ name }) => name).filter((name) => groups.has(name));
  return kinds.map(({ title, as, format, of }) => {
    const series = names.map((name, at) => ({
      name,
      tone: tones[at] ?? '',
      values: placeRows(starts, groups.get(name) ?? []).map((row) => (row === undefined ? null : of(row))),
    }));
    const told = names.map((name) => {
      const sum = sums.find((each) => each.name === name);
      const value = sum === undefined ? null : of(sum);
      return `${name}: ${value === null ? '–' : format(value)}`;
    });
    return drawChart({ title, as, format, labels, series, sum: told.join(', ') });
  });
}

/** @param {GroupRow} row */
function failedOf({ call_count, failure_count }) {
  return (100 * failure_count) / call_count;
}

/** @param {'total_tokens' | 'total_cost'} sum */
function each(sum) {
  return (/** @type {GroupRow} */ row) => row[sum] / row.call_count;
}

/** @param {number} value */
function whole(value) {
  return count(Math.round(value));
}
