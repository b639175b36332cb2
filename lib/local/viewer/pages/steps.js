// The steps of all traces: one by one, or added up by tool and by model.

import { api } from '../core/api.js';
import { h } from '../core/dom.js';
import { count, duration, money } from '../core/format.js';
import { hrefTo } from '../core/route.js';
import { kindSign, statusSign } from '../core/signs.js';
import { idCell, nameCell, timeCell } from '../list/cells.js';
import { choice } from '../list/filters.js';
import { drawNothingFits, openList } from '../list/list-page.js';
import { drawSearchBox } from '../list/search-box.js';
import { stretches, timesOf } from '../list/times.js';

/** @import {GroupRow, OpenPage, PageRoute, StepRow} from '../shapes.js' */
/** @import {Column} from '../list/table.js' */

const ways = [
  ['', 'Steps'],
  ['tool', 'Tools'],
  ['model', 'Models'],
  ['release', 'Releases'],
  ['environment', 'Environments'],
];
/** The most common questions. */
const questions = [
  ['Slowest LLM calls today', { q: 'kind:llm', sort: 'latency', since: 'today' }],
  ['Slowest LLM calls yesterday', { q: 'kind:llm', sort: 'latency', since: 'yesterday' }],
  ['Most expensive calls of 7 days', { q: 'kind:llm', sort: 'cost', since: '7d' }],
  ['Latest failures', { q: 'status:error' }],
  ['Tools that fail most', { by: 'tool', sort: 'failures' }],
];

/** @type {Column<StepRow>[]} */
const stepColumns = [
  { title: 'Status', class: 'c-status', cell: (s) => statusSign(s.status) },
  {
    title: 'Step',
    class: 'c-name',
    sort: 'name',
    cell: (s) =>
      nameCell(s.name, hrefTo('trace', s.trace_id, { span: s.span_id }), [], s.error ?? `in ${s.trace_name}`),
  },
  { title: 'Kind', class: 'c-kind', cell: (s) => h('span', {}, kindSign(s.kind), ` ${s.kind.toLowerCase()}`) },
  {
    title: 'Model',
    class: 'c-id',
    cell: (s) => idCell(s.model, (model) => hrefTo('steps', '', { q: `model:${quoted(model)}` })),
  },
  { title: 'Started', class: 'c-time', sort: 'started_at', cell: (s) => timeCell(s.started_at) },
  { title: 'Duration', class: 'c-number', sort: 'latency', cell: (s) => duration(s.latency_ms) },
  {
    title: 'Tokens',
    class: 'c-number',
    sort: 'tokens',
    cell: (s) => (s.total_tokens === 0 ? '–' : count(s.total_tokens)),
  },
  { title: 'Cost', class: 'c-number', sort: 'cost', cell: (s) => (s.total_cost === 0 ? '–' : money(s.total_cost)) },
];

/** What groups are sorted by, for each name in the address. @type {Record<string, (g: GroupRow) => number>} */
const groupSorts = {
  calls: (g) => g.call_count,
  failures: (g) => g.failure_count / g.call_count,
  p50: (g) => g.p50_latency_ms ?? -1,
  p95: (g) => g.p95_latency_ms ?? -1,
  tokens: (g) => g.total_tokens,
  cost: (g) => g.total_cost,
};

/** @param {string} by @param {string} since @returns {Column<GroupRow>[]} */
function groupColumns(by, since) {
  const hrefOf = (/** @type {string} */ name) => {
    const value = quoted(name);
    if (by === 'tool') return hrefTo('steps', '', { q: `kind:tool name:${value}`, since });
    if (by === 'model') return hrefTo('steps', '', { q: `model:${value}`, since });
    return hrefTo('traces', '', { q: `${by === 'release' ? 'release' : 'env'}:${value}`, since });
  };
  const titles = /** @type {Record<string, string>} */ ({ tool: 'Tool', model: 'Model', release: 'Release' });
  return [
    {
      title: titles[by] ?? 'Environment',
      class: 'c-name',
      cell: (g) => nameCell(g.name, hrefOf(g.name), []),
    },
    {
      title: by === 'tool' || by === 'model' ? 'Calls' : 'Traces',
      class: 'c-number',
      sort: 'calls',
      cell: (g) => count(g.call_count),
    },
    {
      title: 'Failed',
      class: 'c-number',
      sort: 'failures',
      cell: (g) =>
        g.failure_count === 0
          ? '–'
          : `${((g.failure_count / g.call_count) * 100).toFixed(1)} % (${count(g.failure_count)})`,
    },
    { title: 'p50', class: 'c-number', sort: 'p50', cell: (g) => duration(g.p50_latency_ms) },
    { title: 'p95', class: 'c-number', sort: 'p95', cell: (g) => duration(g.p95_latency_ms) },
    {
      title: 'Tokens',
      class: 'c-number',
      sort: 'tokens',
      cell: (g) => (g.total_tokens === 0 ? '–' : count(g.total_tokens)),
    },
    { title: 'Cost', class: 'c-number', sort: 'cost', cell: (g) => (g.total_cost === 0 ? '–' : money(g.total_cost)) },
  ];
}

/**
 * @param {HTMLElement} main
 * @param {PageRoute} route
 * @returns {OpenPage}
 */
export function openSteps(main, route) {
  const by = route.params.get('by') ?? '';
  const box = drawSearchBox('Search steps', 'Search anything, or kind:llm model:… duration:>2s');
  const since = choice('Started', stretches, (value) => list.goTo({ since: value, offset: '' }));
  box.field.addEventListener('change', () => list.goTo({ q: box.field.value.trim(), offset: '' }));
  const links = ways.map(([value, text = '']) => h('a', { 'aria-current': value === by ? 'true' : undefined }, text));
  const tabs = h('div', { class: 'tabs', role: 'group', 'aria-label': 'What is listed' }, ...links);
  const asked = questions.map(([text, params]) =>
    h(
      'a',
      { class: 'chip-link', href: hrefTo('steps', '', /** @type {Record<string, string>} */ (params)) },
      String(text),
    ),
  );
  /** @type {Parameters<typeof openList<any>>[2]} */
  const options = {
    name: 'steps',
    title: 'Steps',
    columns: () => (by === '' ? stepColumns : groupColumns(by, route.params.get('since') ?? '')),
    sort: by === '' ? 'started_at' : 'calls',
    refreshMs: 1000,
    idOf: (row) => (by === '' ? `${row.trace_id} ${row.span_id}` : row.name),
    controls: h('div', { class: 'filters', role: 'search' }, tabs, box.element, since),
    problem: box.problem,
    more: h('nav', { class: 'questions', 'aria-label': 'Questions' }, ...asked),
    showControls(params) {
      if (document.activeElement !== box.field) box.field.value = params.get('q') ?? '';
      since.value = params.get('since') ?? '';
      // The links are kept: one of them may just be pressed.
      const [q, time] = ['q', 'since'].map((name) => params.get(name) ?? '');
      for (const [at, link] of links.entries()) link.href = hrefTo('steps', '', { q, since: time, by: ways[at]?.[0] });
    },
    async read(query, params, signal) {
      const filters = { filter: params.get('q') ?? '', ...timesOf(params.get('since') ?? '', Date.now()) };
      if (by === '') return api.steps({ ...query, ...filters }, signal);
      const { items } = await api.stepGroups({ ...filters, by }, signal);
      const of = groupSorts[query.sort_by] ?? groupSorts.calls;
      const factor = query.sort_order === 'asc' ? 1 : -1;
      const sorted = [...items].sort((a, b) => factor * ((of?.(a) ?? 0) - (of?.(b) ?? 0)));
      return { items: sorted, total: items.length, limit: Math.max(50, items.length), offset: 0 };
    },
    drawNone: () =>
      drawNothingFits(
        by === '' ? 'No step fits' : `No ${by} fits`,
        'Nothing in this project matches what is filtered for. ',
        h('a', { href: hrefTo('steps') }, 'Show all steps'),
      ),
  };
  const list = openList(main, route, options);
  const { page } = list;
  return {
    ...page,
    follow(next) {
      // This needs another table, because its rows lead elsewhere.
      const isOther = ['by', 'since'].some((name) => (next.params.get(name) ?? '') !== (route.params.get(name) ?? ''));
      return !isOther && (page.follow?.(next) ?? false);
    },
  };
}

/** @param {string} name */
function quoted(name) {
  return /\s/.test(name) ? `"${name}"` : name;
}
