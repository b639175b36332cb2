// What each model used in the whole time, as a table.

import { h } from '../core/dom.js';
import { count, money } from '../core/format.js';

/** @import {ModelRow} from '../shapes.js' */

/** @param {readonly ModelRow[]} models */
export function drawModels(models) {
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

/** The largest value, and more than 0, so that it can be a divisor. @param {readonly number[]} values */
function largest(values) {
  return Math.max(1e-12, ...values);
}
