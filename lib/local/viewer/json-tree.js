// A value as a folding tree. Children are made when they are opened, so that a large value costs nothing until then.

import { h } from './dom.js';
import { count } from './format.js';

const childrenAtOnce = 100;
const longText = 1200;
/** Opened from the start: as many levels, and no more entries than this in each. */
const openLevels = 2;
const openEntries = 24;

/** @param {unknown} value */
export function drawJson(value) {
  return h(
    'div',
    { class: 'json' },
    isContainer(value) ? drawContainer(undefined, value, 0) : drawLeaf(undefined, value),
  );
}

/**
 * A text as it is; a long one is cut until it is asked for.
 *
 * @param {string} text
 * @param {number} [limit]
 */
export function drawText(text, limit = longText) {
  const element = h('div', { class: 'text' });
  const cut = text.length > limit * 1.25;
  element.append(cut ? text.slice(0, limit) : text);
  if (cut) {
    const more = h('button', { class: 'more', type: 'button' }, `… show all ${count(text.length)} characters`);
    more.addEventListener('click', () => element.replaceChildren(text));
    element.append(more);
  }
  return element;
}

/**
 * @param {string | undefined} key
 * @param {object} value
 * @param {number} level
 */
function drawContainer(key, value, level) {
  const isArray = Array.isArray(value);
  const size = isArray ? value.length : Object.keys(value).length;
  const summary = h(
    'summary',
    {},
    ...keyOf(key),
    h('span', { class: 'j-size' }, isArray ? `[ ${count(size)} ]` : `{ ${count(size)} }`),
    h('span', { class: 'j-glimpse' }, glimpse(value)),
  );
  const place = h('div', { class: 'j-children' });
  const element = h('details', {}, summary, place);
  let isDrawn = false;
  const fill = () => {
    if (isDrawn) return;
    isDrawn = true;
    drawMore(place, Object.entries(value), 0, level + 1, isArray);
  };
  element.addEventListener('toggle', fill);
  if (level < openLevels && size <= openEntries) {
    fill();
    element.open = true;
  }
  return element;
}

/**
 * @param {HTMLElement} place
 * @param {[string, unknown][]} entries
 * @param {number} from
 * @param {number} level
 * @param {boolean} isArray
 */
function drawMore(place, entries, from, level, isArray) {
  const until = Math.min(entries.length, from + childrenAtOnce);
  for (const [key, value] of entries.slice(from, until)) {
    place.append(isContainer(value) ? drawContainer(key, value, level) : drawLeaf(key, value));
  }
  if (until < entries.length) {
    const more = h(
      'button',
      { class: 'more', type: 'button' },
      `${count(entries.length - until)} more ${isArray ? 'items' : 'entries'}`,
    );
    more.addEventListener('click', () => {
      more.remove();
      drawMore(place, entries, until, level, isArray);
    });
    place.append(more);
  }
}

/** @param {string | undefined} key @param {unknown} value */
function drawLeaf(key, value) {
  const type = value === null ? 'null' : typeof value;
  const shown = typeof value === 'string' ? drawText(value) : String(value);
  return h('div', { class: 'j-leaf' }, ...keyOf(key), h('span', { class: 'j-value', 'data-type': type }, shown));
}

/** @param {string | undefined} key */
function keyOf(key) {
  return key === undefined ? [] : [h('span', { class: 'j-key' }, key)];
}

/** The first few keys or values, for a closed container. @param {object} value */
function glimpse(value) {
  const entries = Object.entries(value).slice(0, 4);
  const words = entries.map(([key, each]) => {
    const short = isContainer(each) ? '…' : typeof each === 'string' ? JSON.stringify(each.slice(0, 24)) : String(each);
    return Array.isArray(value) ? short : `${key}: ${short}`;
  });
  return words.join(', ');
}

/** @param {unknown} value @returns {value is object} */
function isContainer(value) {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}
