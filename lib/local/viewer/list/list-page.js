// A page with one table, and filters and paging above it; the address holds the state of all of them.

import { ApiError, project } from '../core/api.js';
import { h, throttle } from '../core/dom.js';
import { count } from '../core/format.js';
import { showFault } from '../core/notice.js';
import { hrefTo, parseRoute } from '../core/route.js';
import { tellTimes } from './cells.js';
import { drawPager, drawTable } from './table.js';

/** @import {OpenPage, Page, PageRoute} from '../shapes.js' */
/** @import {Column} from './table.js' */

const pageSize = 50;
/** How often times such as `4 min ago` are updated. */
const clockMs = 20_000;

/**
 * @template T
 * @typedef {object} ListPage
 * @property {string} name of the page, as the address says it
 * @property {string} title
 * @property {() => readonly Column<T>[]} columns the columns that are shown now
 * @property {string} sort what it is sorted by at first, latest or most first
 * @property {number} refreshMs
 * @property {(row: T) => string} idOf
 * @property {HTMLElement} controls
 * @property {HTMLElement} [problem] shows why the filter cannot be read
 * @property {HTMLElement} [more] above the rows
 * @property {(params: URLSearchParams) => void} showControls sets the controls to the address's parameters
 * @property {(query: {limit: number, offset: string, sort_by: string, sort_order: string}, params: URLSearchParams, signal: AbortSignal) => Promise<Page<T>>} read
 * @property {(params: URLSearchParams, total: number) => HTMLElement} drawNone in place of the rows when there are none
 * @property {(rows: {focus: (id: string) => void}) => void} [onShown]
 * @property {() => void} [stop]
 */

/**
 * Opens the page; `goTo` changes parts of its address, `hrefWith` only returns the changed address.
 *
 * @template T
 * @param {HTMLElement} main
 * @param {PageRoute} route
 * @param {ListPage<T>} list
 */
export function openList(main, route, list) {
  let { params } = route;
  let request = new AbortController();
  const pager = drawPager((offset) => goTo({ offset: String(offset) }));
  const makeTable = () =>
    drawTable({
      label: list.title,
      columns: list.columns(),
      idOf: list.idOf,
      onSort: (sort) =>
        goTo({ sort, order: sort === sorting().sort && sorting().order === 'desc' ? 'asc' : 'desc', offset: '' }),
    });
  let table = makeTable();
  const place = h('div', { class: 'list-body' });
  /** The parameters of the request for the rows that are shown. */
  let shown = '';
  main.append(
    h(
      'div',
      { class: 'list-page' },
      h('h1', { class: 'unseen' }, list.title),
      h('div', { class: 'list-head' }, list.controls, pager.element),
      list.more ?? h('div', { hidden: true }),
      place,
    ),
  );

  function sorting() {
    return { sort: params.get('sort') ?? list.sort, order: params.get('order') ?? 'desc' };
  }

  /** @param {Record<string, string | readonly string[]>} changes */
  function hrefWith(changes) {
    const all = Object.fromEntries([...params.keys()].map((name) => [name, params.getAll(name)]));
    return hrefTo(list.name, '', { ...all, ...changes });
  }

  /** @param {Record<string, string | readonly string[]>} changes */
  function goTo(changes) {
    location.hash = hrefWith(changes);
  }

  /** @param {boolean} [isBack] whether the page that was requested first was beyond the last one */
  async function load(isBack = false) {
    request.abort();
    request = new AbortController();
    const { signal } = request;
    const { sort, order } = sorting();
    if (project === '') {
      place.replaceChildren(list.drawNone(new URLSearchParams(), 0));
      pager.show({ offset: 0, limit: pageSize, total: 0 }, 0);
      return;
    }
    try {
      const query = { limit: pageSize, offset: params.get('offset') ?? '', sort_by: sort, sort_order: order };
      const page = await list.read(query, params, signal);
      if (page.items.length === 0 && page.offset > 0) {
        // Rows were deleted, so this page is empty: goes to the last page. If that is empty, too (the total may be unknown), to the first.
        const last = isBack ? 0 : Math.floor(Math.max(0, page.total - 1) / pageSize) * pageSize;
        const href = hrefWith({ offset: last === 0 ? '' : String(last) });
        history.replaceState(null, '', href);
        ({ params } = parseRoute(href));
        await load(true);
        return;
      }
      const isNewestFirst = sort === 'started_at' && order === 'desc';
      pager.show(page, page.items.length, isNewestFirst ? ['← Newer', 'Older →'] : undefined);
      if (list.problem)
        list.problem.textContent = page.indexing ? `${count(page.indexing)} traces are not searched yet` : '';
      if (page.items.length === 0) place.replaceChildren(list.drawNone(params, page.total));
      else {
        table.show(page.items, { sort, order }, shown === String(params));
        shown = String(params);
        if (table.element.parentNode !== place) place.replaceChildren(table.element);
      }
      list.onShown?.(table);
    } catch (error) {
      // The fault of a half typed filter is shown next to it; the rows stay.
      if (list.problem && error instanceof ApiError && error.status === 422 && params.get('q')) {
        list.problem.textContent = error.message.split(': ').at(-1) ?? '';
      } else showFault(place, error);
    }
  }

  /**
   * The address has changed. The controls are updated only here, because the reader may be typing.
   *
   * @param {URLSearchParams} next
   */
  function follow(next) {
    params = next;
    list.showControls(params);
    return load();
  }

  const refresh = throttle(() => load(), list.refreshMs);
  const clock = setInterval(() => tellTimes(place), clockMs);
  follow(params);

  /** @type {OpenPage} */
  const page = {
    follow(next) {
      follow(next.params);
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
      list.stop?.();
      clearInterval(clock);
    },
  };
  /** Draws the table again, with other columns. */
  function rebuild() {
    table = makeTable();
    shown = '';
    return load();
  }

  return { page, hrefWith, goTo, follow, rebuild };
}

/** Shown instead of rows if nothing matches the filter. @param {string} title @param {...(Node | string)} text */
export function drawNothingFits(title, ...text) {
  return h('div', { class: 'empty' }, h('h2', {}, title), h('p', {}, ...text));
}
