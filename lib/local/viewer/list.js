// The list of traces, with its filters.

import { api, project } from './api.js';
import { h, throttle } from './dom.js';
import { drawFilters, readFilters, startedAfter } from './filters.js';
import { ago, count, duration, exactTime, money } from './format.js';
import { howToSend, showFault } from './notice.js';
import { hrefTo, parseRoute, visited } from './route.js';
import { statusSign } from './signs.js';
import { drawPager, drawTable } from './table.js';

/** @import {OpenPage, Route, TraceRow} from './shapes.js' */
/** @import {Filters} from './filters.js' */
/** @import {Column} from './table.js' */

const pageSize = 50;
const refreshMs = 400;

/** @type {Column<TraceRow>[]} */
export const traceColumns = [
  { title: 'Status', class: 'c-status', sort: 'status', cell: (t) => statusSign(t.status) },
  { title: 'Name', class: 'c-name', sort: 'name', cell: nameCell },
  { title: 'Started', class: 'c-time', sort: 'started_at', cell: (t) => timeCell(t.started_at) },
  { title: 'Duration', class: 'c-number', sort: 'latency', cell: (t) => duration(t.latency_ms) },
  { title: 'Spans', class: 'c-number', cell: (t) => count(t.span_count) },
  { title: 'Tokens', class: 'c-number', cell: (t) => (t.total_tokens === 0 ? '–' : count(t.total_tokens)) },
  { title: 'Cost', class: 'c-number', cell: (t) => (t.total_cost === 0 ? '–' : money(t.total_cost)) },
  { title: 'Session', class: 'c-id', cell: (t) => idCell(t.session_id, (id) => hrefTo('session', id)) },
  { title: 'User', class: 'c-id', cell: (t) => idCell(t.user_id, (user) => hrefTo('traces', '', { user })) },
];

/**
 * @param {HTMLElement} main
 * @param {Route} route
 * @returns {OpenPage}
 */
export function openTraces(main, route) {
  let { params } = route;
  let request = new AbortController();
  const controls = drawFilters(change);
  const pager = drawPager((offset) => goTo({ offset: String(offset) }));
  const table = drawTable({
    label: 'Traces',
    columns: traceColumns,
    idOf: (t) => t.trace_id,
    hrefOf: (t) => hrefTo('trace', t.trace_id),
    onSort: (sort) =>
      goTo({ sort, order: sort === sorting().sort && sorting().order === 'desc' ? 'asc' : 'desc', offset: '' }),
  });
  const place = h('div', { class: 'list-body' });
  main.append(
    h(
      'div',
      { class: 'list-page' },
      h('h1', { class: 'unseen' }, 'Traces'),
      h('div', { class: 'list-head' }, controls.element, pager.element),
      place,
    ),
  );

  function sorting() {
    return { sort: params.get('sort') ?? 'started_at', order: params.get('order') ?? 'desc' };
  }

  /** @param {Record<string, string | readonly string[]>} changes */
  function hrefWith(changes) {
    /** @type {Record<string, string | readonly string[]>} */
    const all = {};
    for (const name of params.keys()) all[name] = params.getAll(name);
    return hrefTo('traces', '', { ...all, ...changes });
  }

  /** @param {Record<string, string | readonly string[]>} changes */
  function goTo(changes) {
    location.hash = hrefWith(changes);
  }

  /** @param {Filters} filters @param {boolean} settled */
  function change(filters, settled) {
    const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
    if (settled && uuid.test(filters.q)) {
      location.hash = hrefTo('trace', filters.q.toLowerCase());
      return;
    }
    const href = hrefWith({ ...filters, offset: '' });
    if (settled) {
      if (href === location.hash) load();
      else location.hash = href;
      return;
    }
    history.replaceState(null, '', href);
    visited.list = href;
    ({ params } = parseRoute(location.hash));
    load();
  }

  async function load() {
    request.abort();
    request = new AbortController();
    const { signal } = request;
    const filters = readFilters(params);
    const { sort, order } = sorting();
    controls.show(filters);
    if (project === '') {
      place.replaceChildren(howToSend());
      pager.show({ offset: 0, limit: pageSize, total: 0 }, 0);
      return;
    }
    try {
      const page = await api.traces(
        {
          ...{ limit: pageSize, offset: params.get('offset') ?? undefined, sort_by: sort, sort_order: order },
          ...{ name: filters.q, status: filters.status, user_id: filters.user, session_id: filters.session },
          ...{ tags: filters.tag, started_after: startedAfter(filters.since, Date.now()) },
        },
        signal,
      );
      pager.show(
        page,
        page.items.length,
        sort === 'started_at' && order === 'desc' ? ['← Newer', 'Older →'] : undefined,
      );
      const isFiltered = Object.values(filters).some((value) => value.length > 0);
      if (page.items.length === 0) place.replaceChildren(isFiltered || page.total > 0 ? nothingFits() : howToSend());
      else {
        table.show(page.items, { sort, order });
        if (table.element.parentNode !== place) place.replaceChildren(table.element);
        if (visited.row !== '') table.focus(visited.row);
        visited.row = '';
      }
    } catch (error) {
      showFault(place, error);
    }
  }

  const refresh = throttle(load, refreshMs);
  const clock = setInterval(() => tellTimes(place), 20_000);
  load();

  return {
    follow(next) {
      ({ params } = next);
      load();
      return true;
    },
    changed: refresh.call,
    key(event) {
      if (event.key === 'ArrowDown' || event.key === 'j') return table.move(1);
      if (event.key === 'ArrowUp' || event.key === 'k') return table.move(-1);
      if (event.key === 'n') return pager.turn(1);
      if (event.key === 'p') return pager.turn(-1);
      return false;
    },
    close() {
      request.abort();
      refresh.stop();
      controls.stop();
      clearInterval(clock);
    },
  };
}

function nothingFits() {
  return h(
    'div',
    { class: 'empty' },
    h('h2', {}, 'No trace fits'),
    h(
      'p',
      {},
      'Nothing in this project matches what is filtered for. ',
      h('a', { href: hrefTo('traces') }, 'Show all traces'),
    ),
  );
}

/** @param {TraceRow} trace */
function nameCell(trace) {
  return h(
    'div',
    { class: 'name-cell' },
    h('a', { href: hrefTo('trace', trace.trace_id) }, trace.name),
    ...trace.tags.map((tag) => tagLink(tag)),
  );
}

/** @param {string} tag */
export function tagLink(tag) {
  return h('a', { class: 'tag', href: hrefTo('traces', '', { tag }), title: `Traces tagged ${tag}` }, tag);
}

/** @param {string} time */
export function timeCell(time) {
  return h('time', { datetime: time, title: exactTime(time) }, ago(time, Date.now()));
}

/** @param {HTMLElement} place */
export function tellTimes(place) {
  for (const time of place.querySelectorAll('time')) time.textContent = ago(time.dateTime, Date.now());
}

/**
 * @param {string | null} id
 * @param {(id: string) => string} hrefOf
 */
export function idCell(id, hrefOf) {
  return id === null ? h('span', { class: 'muted' }, '–') : h('a', { class: 'quiet', href: hrefOf(id), title: id }, id);
}
