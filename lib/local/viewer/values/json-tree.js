// A value as a folding tree. Children are made when they are opened, so that a large value costs nothing until then.

import { h } from '../core/dom.js';
import { count } from '../core/format.js';
import { isMarkdown, putMarkdown } from './markdown.js';
import { parsed } from './read-unknown.js';

const childrenAtOnce = 100;
const [longText, longProse] = [1200, 6000];
/** How many levels are open at first, and up to how many entries. */
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
 * A text; a long one is cut until the reader asks for all of it.
 *
 * @param {string} text
 * @param {number} [limit]
 */
export function drawText(text, limit = longText) {
  const element = h('div', { class: 'text', dir: 'auto' });
  const cut = text.length > limit * 1.25;
  element.append(cut ? text.slice(0, limit) : text);
  if (cut) {
    const more = h('button', { class: 'more', type: 'button' }, `… show all ${count(text.length)} characters`);
    more.addEventListener('click', () => element.replaceChildren(text));
    element.append(more);
  }
  return element;
}

/** A text written for people: formatted if it is Markdown, else unchanged. @param {string} text @param {number} [limit] */
export function drawProse(text, limit = undefined) {
  if (text.length > (limit ?? longProse) * 1.25 || !isMarkdown(text)) return drawText(text, limit);
  const element = h('div', { class: 'text', dir: 'auto' });
  putMarkdown(element, text);
  return element;
}

/**
 * @param {string | undefined} key
 * @param {object} value
 * @param {number} level
 * @param {boolean} [isText] the value was JSON text in a field
 */
function drawContainer(key, value, level, isText = false) {
  const isArray = Array.isArray(value);
  const size = isArray ? value.length : Object.keys(value).length;
  const summary = h(
    'summary',
    {},
    ...keyOf(key),
    h('span', { class: 'j-size' }, isArray ? `[ ${count(size)} ]` : `{ ${count(size)} }`),
    isText && h('span', { class: 'j-size', title: 'This JSON stands as text in the field' }, 'text'),
    h('span', { class: 'j-glimpse' }, glimpse(value)),
  );
  const place = h('div', { class: 'j-children' });
  const element = h('details', {}, summary, place);
  let isDrawn = false;
  const fill = () => {
    if (isDrawn) return;
    isDrawn = true;
    drawMore(place, value, isArray ? undefined : Object.keys(value), 0, level + 1);
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
 * @param {object} value
 * @param {readonly string[] | undefined} keys undefined for an array, whose keys need no list
 * @param {number} from
 * @param {number} level
 */
function drawMore(place, value, keys, from, level) {
  const size = keys?.length ?? /** @type {unknown[]} */ (value).length;
  const until = Math.min(size, from + childrenAtOnce);
  for (let at = from; at < until; at += 1) {
    const key = keys?.[at] ?? String(at);
    const child = /** @type {Record<string, unknown>} */ (value)[key];
    place.append(isContainer(child) ? drawContainer(key, child, level) : drawLeaf(key, child));
  }
  if (until < size) {
    const more = h(
      'button',
      { class: 'more', type: 'button' },
      `${count(size - until)} more ${keys === undefined ? 'items' : 'entries'}`,
    );
    more.addEventListener('click', () => {
      more.remove();
      drawMore(place, value, keys, until, level);
    });
    place.append(more);
  }
}

/** @param {string | undefined} key @param {unknown} value */
function drawLeaf(key, value) {
  const inside = parsed(value);
  if (inside !== value && isContainer(inside)) return drawContainer(key, inside, openLevels, true);
  const type = value === null ? 'null' : typeof value;
  const isEmpty = value === '' || (type === 'object' && value !== null);
  const shown = typeof value === 'string' && !isEmpty ? drawText(value) : JSON.stringify(value);
  return h('div', { class: 'j-leaf' }, ...keyOf(key), h('span', { class: 'j-value', 'data-type': type }, shown));
}

/** @param {string | undefined} key */
function keyOf(key) {
  return key === undefined ? [] : [h('span', { class: 'j-key' }, key)];
}

/** The first few keys or values, for a closed container. @param {object} value */
function glimpse(value) {
  const words = [];
  // Not `Object.entries`: the value may have a million of them.
  for (const key in value) {
    const each = /** @type {Record<string, unknown>} */ (value)[key];
    const short = isContainer(each) ? '…' : JSON.stringify(typeof each === 'string' ? each.slice(0, 24) : each);
    words.push(Array.isArray(value) ? short : `${key.slice(0, 40)}: ${short}`);
    if (words.length === 4) break;
  }
  return words.join(', ');
}

/** @param {unknown} value @returns {value is object} */
function isContainer(value) {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value !== 'object' || value === null) return false;
  for (const _ in value) return true;
  return false;
}
