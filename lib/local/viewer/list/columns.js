// The columns of a list. The reader chooses them, and the choice is remembered.

import { h } from '../core/dom.js';
import { remember, remembered } from '../core/storage.js';

/** @import {Column} from './table.js' */

const storageName = 'pandaprobe.columns';

/** Columns that the reader has switched on or off. */
function switched() {
  return new Set((remembered(storageName) ?? '').split('|'));
}

/**
 * @template T
 * @param {readonly Column<T>[]} columns
 */
export function chosenColumns(columns) {
  const others = switched();
  return columns.filter(({ title, isExtra }) => (isExtra === true) === others.has(title));
}

/**
 * @template T
 * @param {readonly Column<T>[]} columns
 * @param {() => void} onChange
 */
export function drawColumnChoice(columns, onChange) {
  const others = switched();
  const boxes = columns.slice(2).map(({ title, isExtra }) => {
    const box = h('input', { type: 'checkbox', checked: (isExtra === true) === others.has(title) });
    box.addEventListener('change', () => {
      if (!others.delete(title)) others.add(title);
      remember(storageName, [...others].filter((each) => each !== '').join('|'));
      onChange();
    });
    return h('label', { class: 'check' }, box, ` ${title}`);
  });
  return h(
    'details',
    { class: 'menu' },
    h('summary', { class: 'button small' }, 'Columns'),
    h('div', { class: 'menu-body' }, ...boxes),
  );
}
