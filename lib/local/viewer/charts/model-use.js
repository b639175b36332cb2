// The tokens and cost of each model over time. The server returns the models of one period, so it is asked once per period; what
// is past is not asked for again while the page is open.

import { api } from '../core/api.js';

/** @import {ModelRow} from '../shapes.js' */
/** @import {Series} from './chart-svg.js' */

/** @typedef {{start: number, end: number, buckets: number}} Stretch `buckets` of the server are joined in it */

const mostStretches = 24;
const shownModels = 4;
const tones = ['one', 'two', 'three', 'four'];
/** Traces arrive some time after they began. A stretch that ended longer ago than this is not asked for again. In milliseconds. */
const settledMs = 600_000;

/**
 * Joins neighbouring buckets, so that there are not too many to ask for.
 *
 * @param {readonly number[]} starts
 * @param {number} until
 * @returns {Stretch[]}
 */
export function stretchesOf(starts, until) {
  const buckets = Math.ceil(starts.length / mostStretches);
  const stretches = [];
  for (let at = 0; at < starts.length; at += buckets) {
    stretches.push({ start: starts[at] ?? 0, end: starts[at + buckets] ?? until, buckets });
  }
  return stretches;
}

/** Asks for the models of each stretch, the newest each time. */
export function readModelUse() {
  /** @type {Map<number, readonly ModelRow[]>} */
  const settled = new Map();
  return {
    clear: () => settled.clear(),
    /** @param {readonly Stretch[]} stretches @param {AbortSignal} signal */
    load: (stretches, signal) =>
      Promise.all(
        stretches.map(async ({ start, end }) => {
          const known = settled.get(start);
          if (known !== undefined) return known;
          const times = { started_after: new Date(start).toISOString(), started_before: new Date(end).toISOString() };
          const models = await api.analytics({ metric: 'models', granularity: 'day', ...times }, signal);
          if (end < Date.now() - settledMs) settled.set(start, models);
          return models;
        }),
      ),
  };
}

/**
 * One series for each of the models that cost most (or used most tokens, where nothing has a cost), and one for all
 * others: the same models in the same colours, whatever is counted.
 *
 * @param {readonly (readonly ModelRow[])[]} use by stretch
 * @param {'total_tokens' | 'total_cost'} of
 * @returns {Series[]}
 */
export function modelSeries(use, of) {
  /** @type {Map<string, {cost: number, tokens: number}>} */
  const sums = new Map();
  for (const { model, total_cost, total_tokens } of use.flat()) {
    const { cost = 0, tokens = 0 } = sums.get(model) ?? {};
    sums.set(model, { cost: cost + total_cost, tokens: tokens + total_tokens });
  }
  const names = [...sums].sort(([, a], [, b]) => b.cost - a.cost || b.tokens - a.tokens).map(([name]) => name);
  const shown = names.slice(0, shownModels);
  const valuesOf = (/** @type {(name: string) => boolean} */ fits) =>
    use.map((rows) => rows.filter(({ model }) => fits(model)).reduce((sum, row) => sum + row[of], 0));
  const series = shown.map((name, at) => ({ name, tone: tones[at] ?? '', values: valuesOf((each) => each === name) }));
  if (names.length > shown.length) {
    series.push({ name: 'others', tone: 'rest', values: valuesOf((each) => !shown.includes(each)) });
  }
  return series;
}
