// Traces, errors, latency, tokens and cost over time, and what each model used.

import { bucketLabel, bucketStarts, placeRows, ranges } from '../charts/buckets.js';
import { drawByGroup } from '../charts/by-group.js';
import { drawChart } from '../charts/chart-svg.js';
import { modelSeries, readModelUse, stretchesOf } from '../charts/model-use.js';
import { api, project } from '../core/api.js';
import { h, throttle } from '../core/dom.js';
import { count, duration, money } from '../core/format.js';
import { howToSend, showFault } from '../core/notice.js';
import { go, hrefTo } from '../core/route.js';

/** @import {ModelRow, OpenPage, PageRoute} from '../shapes.js' */
/** @import {Stretch} from '../charts/model-use.js' */

/** The legend of a chart. */
const groupings = [
  { name: '', title: 'All together' },
  { name: 'release', title: 'By release' },
  { name: 'environment', title: 'By environment' },
];

/**
 * @param {HTMLElement} main
 * @param {PageRoute} route
 * @returns {OpenPage}
 */
export function openCharts(main, route) {
  let range = rangeOf(route);
  let by = byOf(route);
  let request = new AbortController();
  const modelUse = readModelUse();
  const choice = h(
    'select',
    { 'aria-label': 'Time shown' },
    ...ranges.map(({ name, title }) => h('option', { value: name }, title)),
  );
  const grouping = h(
    'select',
    { 'aria-label': 'Compare' },
    ...groupings.map(({ name, title }) => h('option', { value: name }, title)),
  );
  for (const control of [choice, grouping])
    control.addEventListener('change', () => go(hrefTo('charts', '', { range: choice.value, by: grouping.value })));
  const place = h('div', { class: 'charts' });
  main.append(
    h(
      'div',
      { class: 'charts-page' },
      h('h1', { class: 'unseen' }, 'Charts'),
      h('div', { class: 'list-head' }, h('div', { class: 'filters' }, choice, grouping)),
      place,
    ),
  );

  async function load() {
    request.abort();
    request = new AbortController();
    choice.value = range.name;
    grouping.value = by;
    if (project === '') {
      place.replaceChildren(howToSend());
      return;
    }
    const now = Date.now();
    const { granularity } = range;
    const starts = bucketStarts(now - range.ms, now, granularity);
    const [started_after, started_before] = [
      new Date(starts[0] ?? now).toISOString(),
      new Date(now + 60_000).toISOString(),
    ];
    const ask = (/** @type {string} */ metric) =>
      api.analytics({ metric, granularity, started_after, started_before }, request.signal);
    if (by !== '') return compare(starts, { started_after, started_before });
    try {
      const stretches = stretchesOf(starts, now + 60_000);
      const [volume, errors, latency, tokens, models, use] = await Promise.all([
        ask('volume'),
        ask('errors'),
        ask('latency'),
        ask('tokens'),
        ask('models'),
        modelUse.load(stretches, request.signal),
      ]);
      draw(drawAll(starts, granularity, { volume, errors, latency, tokens, models, stretches, use }));
    } catch (error) {
      showFault(place, error);
    }
  }

  /** @param {readonly number[]} starts @param {{started_after: string, started_before: string}} times */
  async function compare(starts, times) {
    const { granularity } = range;
    try {
      const [buckets, sums] = await Promise.all([
        api.groupBuckets({ by, granularity, ...times }, request.signal),
        api.stepGroups({ by, ...times }, request.signal),
      ]);
      const labels = starts.map((start) => bucketLabel(start, granularity));
      const none = h('p', { class: 'muted' }, `No trace of this time names its ${by}.`);
      draw(buckets.items.length === 0 ? [none] : drawByGroup(starts, labels, buckets.items, sums.items));
    } catch (error) {
      showFault(place, error);
    }
  }

  /** Keeps open tables open. @param {readonly HTMLElement[]} charts */
  function draw(charts) {
    const openTables = [...place.querySelectorAll('details')].map(({ open }) => open);
    place.replaceChildren(...charts);
    for (const [at, details] of [...place.querySelectorAll('details')].entries())
      details.open = openTables[at] ?? false;
  }

  const refresh = throttle(load, 3000);
  load();
  return {
    follow(next) {
      range = rangeOf(next);
      by = byOf(next);
      modelUse.clear();
      load();
      return true;
    },
    changed: refresh.call,
    // The newest traces appear with the next refresh; reading everything twice for them is not worth it.
    connected() {},
    close() {
      request.abort();
      refresh.stop();
    },
  };
}

/** @param {PageRoute} route */
function rangeOf({ params }) {
  return ranges.find(({ name }) => name === params.get('range')) ?? ranges[0];
}

/** @param {PageRoute} route */
function byOf({ params }) {
  return groupings.find(({ name }) => name === params.get('by'))?.name ?? '';
}

/** @typedef {Awaited<ReturnType<typeof api.analytics>>} Analytics */

/**
 * @param {readonly number[]} starts
 * @param {'hour' | 'day' | 'week'} granularity
 * @param {{volume: Analytics, errors: Analytics, latency: Analytics, tokens: Analytics, models: Analytics, stretches: readonly Stretch[], use: readonly (readonly ModelRow[])[]}} answers
 */
function drawAll(starts, granularity, answers) {
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

/** @param {readonly ModelRow[]} models */
function drawModels(models) {
  const most = {
    calls: largest(models.map((m) => m.call_count)),
    tokens: largest(models.map((m) => m.total_tokens)),
    cost: largest(models.map((m) => m.total_cost)),
  };
  const cell = (/** @type {string} */ text, /** @type {number} */ share, /** @type {string} */ tone) =>
    h(
      'td',
      {},
      h('span', { class: 'amount' }, text),
      h('span', { class: 'share', 'data-tone': tone, vars: { '--size': share } }),
    );
  const rows = models.map((m) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, h('code', {}, m.model)),
      cell(count(m.call_count), m.call_count / most.calls, 'one'),
      cell(count(m.total_tokens), m.total_tokens / most.tokens, 'two'),
      cell(money(m.total_cost), m.total_cost / most.cost, 'four'),
    ),
  );
  const head = ['Model', 'Calls', 'Tokens', 'Cost'].map((title) => h('th', { scope: 'col' }, title));
  return h(
    'section',
    { class: 'card models' },
    h('header', {}, h('h2', {}, 'Models')),
    rows.length === 0
      ? h('p', { class: 'muted' }, 'No span of this time names a model.')
      : h('table', {}, h('thead', {}, h('tr', {}, ...head)), h('tbody', {}, ...rows)),
  );
}

/** @param {readonly number[]} values */
function total(values) {
  return values.reduce((sum, value) => sum + value, 0);
}

/** The largest value, and more than 0, so that it can be a divisor. @param {readonly number[]} values */
function largest(values) {
  return Math.max(1e-12, ...values);
}
