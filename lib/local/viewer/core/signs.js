// How kinds and statuses are shown: always with a colour and a sign, never with only a colour.

import { h } from './dom.js';

/** @import {SpanKind} from '../shapes.js' */

/** @type {Record<SpanKind, string>} */
const letters = { AGENT: 'A', LLM: 'L', TOOL: 'T', RETRIEVER: 'R', CHAIN: 'C', EMBEDDING: 'E', OTHER: 'O' };

/** Every kind, the commonest first. */
export const kinds = Object.keys(letters);

/** @type {Record<string, {sign: string, word: string}>} */
const statuses = {
  COMPLETED: { sign: '✓', word: 'completed' },
  OK: { sign: '✓', word: 'ok' },
  ERROR: { sign: '✕', word: 'error' },
  RUNNING: { sign: '◌', word: 'running' },
  PENDING: { sign: '…', word: 'pending' },
  UNSET: { sign: '·', word: 'unset' },
};

/**
 * @param {string} kind `TRACE` for the trace itself
 * @param {boolean} [isSpoken] if there is no text next to it that says the same
 */
export function kindSign(kind, isSpoken = false) {
  const isKnown = kind === 'TRACE' || Object.hasOwn(letters, kind);
  const letter = kind === 'TRACE' ? '◆' : letters[/** @type {SpanKind} */ (kind)];
  const word = kind.toLowerCase();
  return h(
    'span',
    {
      ...{ class: 'kind', 'data-kind': isKnown ? kind : 'OTHER', title: word },
      ...(isSpoken ? { role: 'img', 'aria-label': word } : { 'aria-hidden': 'true' }),
    },
    isKnown ? letter : '?',
  );
}

/** @param {string} status */
export function statusSign(status) {
  const { sign, word } = (Object.hasOwn(statuses, status) && statuses[status]) || { sign: '?', word: status };
  return h('span', { class: 'status', 'data-status': status }, h('span', { 'aria-hidden': 'true' }, sign), ` ${word}`);
}

/**
 * A fact with its name, for the head of a page.
 *
 * @param {string} name
 * @param {...(Node | string | null)} value
 */
export function fact(name, ...value) {
  return h('div', { class: 'fact' }, h('dt', {}, name), h('dd', {}, ...value));
}
