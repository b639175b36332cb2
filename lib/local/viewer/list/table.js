// A table whose rows are kept while they stay the same, so that a refresh moves neither focus nor selection.

import { h } from '../core/dom.js';
import { count } from '../core/format.js';

/**
 * @template T
 * @typedef {object} Column
 * @property {string} title
 * @property {string} [class]
 * @property {string} [sort] what the server calls this order; the column's head is then a button
 * @property {boolean} [isExtra] shown only when it was asked for
 * @property {(row: T) => Node | string} cell
 */

/**
 * @template T
 * @param {object} options
 * @param {string} options.label
 * @param {readonly Column<T>[]} options.columns
 * @param {(row: T) => string} options.idOf
 * @param {(sort: string) => void} options.onSort
 */
export function drawTable({ label, columns, idOf, onSort }) {
  const heads = columns.map((column) =>
    h(
      'th',
      { scope: 'col', class: column.class },
      column.sort === undefined
        ? column.title
        : h('button', { type: 'button', onclick: () => onSort(column.sort ?? '') }, column.title),
    ),
  );
  const body = h('tbody');
  const element = h('table', { class: 'rows', 'aria-label': label }, h('thead', {}, h('tr', {}, ...heads)), body);
  /** @type {Map<string, {text: string, row: HTMLTableRowElement}>} */
  let drawn = new Map();

  body.addEventListener('click', (event) => {
    const target = /** @type {Element} */ (event.target);
    if (target.closest('a, button') !== null || String(getSelection()) !== '') return;
    const link = target.closest('tr')?.querySelector('a');
    if (link) location.hash = link.hash;
  });

  return {
    element,
    /**
     * @param {readonly T[]} rows
     * @param {{sort: string, order: string}} sorting
     * @param {boolean} isRefresh the same list is read again, so a row that was not there is new
     */
    show(rows, { sort, order }, isRefresh) {
      columns.forEach((column, at) => {
        const head = heads[at];
        if (head === undefined || column.sort === undefined) return;
        if (column.sort === sort) head.setAttribute('aria-sort', order === 'asc' ? 'ascending' : 'descending');
        else head.removeAttribute('aria-sort');
      });
      const next = new Map();
      for (const row of rows) {
        const [id, text] = [idOf(row), JSON.stringify(row)];
        const before = drawn.get(id);
        if (before?.text === text) next.set(id, before);
        else {
          const isFresh = before === undefined && isRefresh;
          const cells = columns.map((column) => h('td', { class: column.class }, column.cell(row)));
          const made = h('tr', { class: isFresh ? 'fresh' : undefined, 'data-id': id }, ...cells);
          next.set(id, { text, row: made });
        }
      }
      const focused = document.activeElement?.closest('tr')?.dataset.id;
      drawn = next;
      const wanted = [...next.values()].map(({ row }) => row);
      if (wanted.length !== body.rows.length || wanted.some((row, at) => body.rows[at] !== row))
        body.replaceChildren(...wanted);
      if (focused !== undefined && document.activeElement === document.body)
        next.get(focused)?.row.querySelector('a')?.focus();
    },
    /** Puts the focus on a row, if it is there. @param {string} id */
    focus(id) {
      const row = drawn.get(id)?.row;
      row?.querySelector('a')?.focus();
      row?.scrollIntoView({ block: 'nearest' });
    },
    /**
     * Moves the focus by rows. True when there was a row to go to.
     *
     * @param {number} step
     */
    move(step) {
      const rows = [...body.rows];
      const at = rows.findIndex((row) => row.contains(document.activeElement));
      const target =
        rows[at === -1 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step))];
      const link = target?.querySelector('a');
      link?.focus();
      target?.scrollIntoView({ block: 'nearest' });
      return link !== undefined && link !== null;
    },
  };
}

/**
 * `1–50 of 1,234` with buttons for the pages before and after.
 *
 * @param {(offset: number) => void} onPage
 */
export function drawPager(onPage) {
  let [offset, limit, total] = [0, 50, 0];
  const text = h('span', { role: 'status' });
  const back = h('button', { class: 'button small', type: 'button', onclick: () => turn(-1) }, '← Newer');
  const on = h('button', { class: 'button small', type: 'button', onclick: () => turn(1) }, 'Older →');

  /** @param {number} step */
  function turn(step) {
    const next = offset + step * limit;
    if (next >= total || next < 0) return false;
    onPage(next);
    return true;
  }

  return {
    element: h('div', { class: 'pager' }, text, back, on),
    turn,
    /** @param {{offset: number, limit: number, total: number, at_least?: boolean}} page @param {number} shown @param {[string, string]} words */
    show(page, shown, words = ['← Previous', 'Next →']) {
      ({ offset, limit, total } = page);
      const all = page.at_least ? `more than ${count(total - 1)}` : count(total);
      text.textContent = total === 0 ? 'none' : `${count(offset + 1)}–${count(offset + shown)} of ${all}`;
      [back.textContent, on.textContent] = words;
      back.disabled = offset === 0;
      on.disabled = offset + limit >= total;
    },
  };
}
