// Time cut into the server's buckets, so that hours in which nothing happened are there as well. Pure.

import { clock, dayAndMonth } from '../core/format.js';

/** @typedef {'hour' | 'day' | 'week'} Granularity */

const hourMs = 3_600_000;

/** The ranges to choose from, with their lengths and buckets. */
export const ranges = /** @type {const} */ ([
  { name: '24h', title: 'Last 24 hours', ms: 24 * hourMs, granularity: 'hour' },
  { name: '3d', title: 'Last 3 days', ms: 72 * hourMs, granularity: 'hour' },
  { name: '14d', title: 'Last 14 days', ms: 14 * 24 * hourMs, granularity: 'day' },
  { name: '90d', title: 'Last 90 days', ms: 90 * 24 * hourMs, granularity: 'day' },
  { name: '1y', title: 'Last year', ms: 364 * 24 * hourMs, granularity: 'week' },
]);

/**
 * The starts of all buckets between two times, as `date_trunc` of the server cuts them: in UTC, weeks from Monday.
 *
 * @param {number} from
 * @param {number} until
 * @param {Granularity} granularity
 */
export function bucketStarts(from, until, granularity) {
  const first = new Date(from);
  first.setUTCMinutes(0, 0, 0);
  if (granularity !== 'hour') first.setUTCHours(0);
  if (granularity === 'week') first.setUTCDate(first.getUTCDate() - ((first.getUTCDay() + 6) % 7));
  const step = hourMs * { hour: 1, day: 24, week: 168 }[granularity];
  const starts = [];
  for (let at = first.getTime(); at <= until; at += step) starts.push(at);
  return starts;
}

/**
 * The rows by bucket, undefined where the server has none.
 *
 * @template {{bucket: string}} T
 * @param {readonly number[]} starts
 * @param {readonly T[]} rows
 * @returns {(T | undefined)[]}
 */
export function placeRows(starts, rows) {
  const byStart = new Map(rows.map((row) => [timeOf(row.bucket), row]));
  return starts.map((start) => byStart.get(start));
}

/**
 * Hours are told in the reader's zone; days and weeks are the server's, in UTC.
 *
 * @param {number} start
 * @param {Granularity} granularity
 */
export function bucketLabel(start, granularity) {
  return granularity === 'hour' ? clock(new Date(start).toISOString()) : dayAndMonth(new Date(start), true);
}

/** A bucket without zone is UTC. @param {string} text */
function timeOf(text) {
  return Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`);
}
