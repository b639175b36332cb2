// All traces together over time: how many, how fast, how many tokens, and what each model used.

import { count, duration, money } from '../core/format.js';
import { bucketLabel, placeRows } from './buckets.js';
import { drawChart } from './chart-svg.js';
import { drawModels } from './model-table.js';
import { modelSeries } from './model-use.js';

/** @import {api} from '../core/api.js' */
/** @import {ModelRow} from '../shapes.js' */
/** @import {Granularity} from './buckets.js' */
/** @import {Stretch} from './model-use.js' */

/** @typedef {Awaited<ReturnType<typeof api.analytics>>} Analytics */

/**
 * @param {readonly number[]} starts
 * @param {Granularity} granularity
 * @param {{volume: Analytics, errors: Analytics, latency: Analytics, tokens: Analytics, models: Analytics, stretches: readonly Stretch[], use: readonly (readonly ModelRow[])[]}} answers
 */
export function drawTogether(starts, granularity, answers) {
  const labels = starts.map((start) => bucketLabel(start, granularity));
  const volume = placeRows(starts, answers.volume).map((row) => row?.trace_count ?? 0);
  const errors = placeRows(starts, answers.errors).map((row) => row?.error_count ?? 0);
  const latency = placeRows(starts, answers.latency);
  const tokens = placeRows(starts, answers.tokens);
  const [prompt, completion] = [
    tokens.map((row) => row?.prompt_tokens ?? 0),
    tokens.map((row) => row?.completion_tokens ?? 0),
  ];
  const [traces, failed] = [total(volume), total(errors)];
  const slowest = Math.max(0, ...latency.map((row) => row?.p99_latency_ms ?? 0));
  const common = { labels };
  const stretchLabels = answers.stretches.map(({ start }) => bucketLabel(start, granularity));

  /** @param {string} title @param {'total_tokens' | 'total_cost'} of @param {(value: number) => string} format */
  function drawByModel(title, of, format) {
    const series = modelSeries(answers.use, of);
    const sum = format(total(series.map(({ values }) => total(values.map(Number)))));
    return drawChart({ title, as: 'bars', format, sum, labels: stretchLabels, series });
  }

  return [
    drawChart({
      ...{ ...common, title: 'Traces', as: 'bars', format: count },
      sum: `${count(traces)}, ${count(failed)} failed${traces === 0 ? '' : ` (${((100 * failed) / traces).toFixed(1)} %)`}`,
      series: [
        { name: 'succeeded', tone: 'good', values: volume.map((all, at) => Math.max(0, all - (errors[at] ?? 0))) },
        { name: 'failed', tone: 'bad', values: errors },
      ],
    }),
    drawChart({
      ...{
        ...common,
        title: 'Latency',
        as: 'lines',
        format: duration,
        sum: slowest === 0 ? 'nothing ended' : `slowest p99 ${duration(slowest)}`,
      },
      series: [
        { name: 'p50', tone: 'one', values: latency.map((row) => row?.p50_latency_ms ?? null) },
        { name: 'p90', tone: 'two', values: latency.map((row) => row?.p90_latency_ms ?? null) },
        { name: 'p99', tone: 'three', values: latency.map((row) => row?.p99_latency_ms ?? null) },
      ],
    }),
    drawChart({
      ...{ ...common, title: 'Tokens', as: 'bars', format: count, sum: count(total(prompt) + total(completion)) },
      series: [
        { name: 'prompt', tone: 'one', values: prompt },
        { name: 'completion', tone: 'two', values: completion },
      ],
    }),
    drawByModel('Tokens by model', 'total_tokens', count),
    drawByModel('Cost by model', 'total_cost', money),
    drawModels(answers.models),
  ];
}

/** @param {readonly number[]} values */
function total(values) {
  return values.reduce((sum, value) => sum + value, 0);
}
