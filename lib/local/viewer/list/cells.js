// Parts of rows and heads that several pages have: tags, times, ids.

import { h } from '../core/dom.js';
import { ago, exactTime } from '../core/format.js';
import { hrefTo } from '../core/route.js';

/** @param {string} name @param {string} href @param {readonly string[]} tags @param {string} [preview] of what was said */
export function nameCell(name, href, tags, preview = '') {
  const head = h('div', { class: 'name-cell' }, h('a', { href }, name), ...tags.map(tagLink));
  return preview === ''
    ? head
    : h('div', {}, head, h('div', { class: 'preview', dir: 'auto', title: preview }, preview));
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
