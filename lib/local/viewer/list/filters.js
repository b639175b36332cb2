// The filters above the list of traces. The address holds their values; these controls show and change them.

import { h } from '../core/dom.js';
import { drawSearchBox } from './search-box.js';
import { stretches } from './times.js';

/**
 * @typedef {object} Filters
 * @property {string} q words, and keys without a control of their own: `kind:llm duration:>2s`
 * @property {string} status
 * @property {string} since as in times.js; empty for any time
 * @property {string} user
 * @property {string} session
 * @property {readonly string[]} tag
 */

const statuses = [
  ['', 'Any status'],
  ['COMPLETED', 'Completed'],
  ['ERROR', 'Errors'],
  ['RUNNING', 'Running'],
  ['PENDING', 'Pending'],
];
/** @param {URLSearchParams} params @returns {Filters} */
export function readFilters(params) {
  const one = (/** @type {string} */ name) => params.get(name) ?? '';
  return {
    ...{ q: one('q'), status: one('status'), since: one('since'), user: one('user'), session: one('session') },
    tag: params.getAll('tag'),
  };
}

/**
 * `plan user:ann tag:prod` means: it contains “plan”, the user is ann, and the tag is prod. What a filter cannot say stays in the
 * search: a pattern, an unknown status, and one of several values.
 *
 * @param {string} text
 * @param {Filters} filters
 * @returns {Filters}
 */
export function withTyped(text, filters) {
  const found = { ...filters, tag: [...filters.tag] };
  const key = /(^|\s)(tag|user|session|status):(?:"([^"]+)"|([^\s"]+))(?=\s|$)/g;
  const names = [...text.matchAll(key)].map(([, , name]) => name);
  const rest = text.replace(key, (whole, space, name, quoted, plain) => {
    const value = quoted ?? plain;
    const isOne = names.indexOf(name) === names.lastIndexOf(name);
    if (value.includes('*') || (name !== 'tag' && !isOne)) return whole;
    if (name === 'tag') {
      if (!found.tag.includes(value)) found.tag.push(value);
    } else if (name === 'status') {
      const status = value.toUpperCase().replace(/^OK$/, 'COMPLETED');
      if (!statuses.some(([known]) => known === status)) return whole;
      found.status = status;
    } else found[/** @type {'user' | 'session'} */ (name)] = value;
    return space;
  });
  return { ...found, q: rest.trim() };
}

/**
 * Draws the controls; `show` puts other filters into them.
 *
 * @param {(filters: Filters, settled: boolean) => void} onChange `settled` is false while the reader still types
 */
export function drawFilters(onChange) {
  /** @type {Filters} */
  let filters = readFilters(new URLSearchParams());
  const box = drawSearchBox('Search traces', 'Search anything, or kind:llm duration:>2s …');
  const search = box.field;
  const status = choice('Status', statuses, (value) => choose({ ...filters, status: value }));
  const since = choice('Started', stretches, (value) => choose({ ...filters, since: value }));
  const chips = h('div', { class: 'chips' });

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** A word with a colon counts when Enter is pressed. */
  const isHalfTyped = () => /(tag|user|session|status):/.test(search.value);

  /** Another control was used. Text that was typed just before counts, too. @param {Filters} next */
  function choose(next) {
    clearTimeout(timer);
    onChange(isHalfTyped() ? next : { ...next, q: search.value.trim() }, true);
  }

  search.addEventListener('input', () => {
    clearTimeout(timer);
    if (!isHalfTyped()) timer = setTimeout(() => onChange({ ...filters, q: search.value.trim() }, false), 200);
  });
  search.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    clearTimeout(timer);
    onChange(withTyped(search.value, filters), true);
  });

  /** @param {string} name @param {string} value @param {Filters} without */
  const chip = (name, value, without) =>
    h(
      'span',
      { class: 'chip' },
      h('span', { class: 'muted' }, `${name} `),
      value,
      h('button', { type: 'button', 'aria-label': `Remove ${name} ${value}`, onclick: () => choose(without) }, '×'),
    );

  return {
    element: h('div', { class: 'filters', role: 'search' }, box.element, status, since, chips),
    problem: box.problem,
    /** @param {Filters} next */
    show(next) {
      filters = next;
      if (search.value.trim() !== next.q) search.value = next.q;
      status.value = next.status;
      since.value = next.since;
      chips.replaceChildren(
        ...(next.user === '' ? [] : [chip('user', next.user, { ...next, user: '' })]),
        ...(next.session === '' ? [] : [chip('session', next.session, { ...next, session: '' })]),
        ...next.tag.map((tag) => chip('tag', tag, { ...next, tag: next.tag.filter((each) => each !== tag) })),
      );
    },
    stop: () => clearTimeout(timer),
  };
}

/**
 * @param {string} label
 * @param {string[][]} options
 * @param {(value: string) => void} onChoice
 */
export function choice(label, options, onChoice) {
  const select = h(
    'select',
    { 'aria-label': label },
    ...options.map(([value, text]) => h('option', { value }, text ?? '')),
  );
  select.addEventListener('change', () => onChoice(select.value));
  return select;
}
