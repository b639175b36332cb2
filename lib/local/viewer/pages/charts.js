// Traces, errors, latency, tokens and cost over time, and what each model used.

import { bucketLabel, bucketStarts, ranges } from '../charts/buckets.js';
import { drawByGroup } from '../charts/by-group.js';
import { readModelUse, stretchesOf } from '../charts/model-use.js';
import { drawTogether } from '../charts/together.js';
import { api, project } from '../core/api.js';
import { h, throttle } from '../core/dom.js';
import { howToSend, showFault } from '../core/notice.js';
import { go, hrefTo } from '../core/route.js';

/** @import {OpenPage, PageRoute} from '../shapes.js' */

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
      draw(drawTogether(starts, granularity, { volume, errors, latency, tokens, models, stretches, use }));
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
