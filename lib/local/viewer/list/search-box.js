// The search field: for words, and for keys such as `kind:llm duration:>2s`. It suggests completions.

import { api, project } from '../core/api.js';
import { h } from '../core/dom.js';

/** Every key of the search, with an example of its value. */
const keys = {
  kind: ['agent', 'llm', 'tool', 'retriever', 'chain', 'embedding', 'other'],
  status: ['ok', 'error', 'running'],
  model: [],
  name: ['plan*'],
  error: ['timeout'],
  duration: ['>2s', '<500ms', '>1m'],
  tokens: ['>5000'],
  cost: ['>0.1'],
  spans: ['>20'],
  env: [],
  release: [],
  user: [],
  session: [],
  tag: [],
};

/** The server's grouping that has the values of each of these keys. @type {Record<string, string>} */
const groupOf = { model: 'model', release: 'release', env: 'environment' };

let boxes = 0;

/** @param {string} label @param {string} placeholder */
export function drawSearchBox(label, placeholder) {
  boxes += 1;
  const id = `completions-${boxes}`;
  const list = h('datalist', { id });
  const field = h('input', {
    ...{ type: 'search', role: 'searchbox', placeholder, 'aria-label': label, list: id },
    ...{ spellcheck: 'false', autocomplete: 'off', autocapitalize: 'off' },
  });
  const problem = h('span', { class: 'problem', role: 'status' });
  /** The project's values by key, requested when the key is typed. @type {Record<string, readonly string[]>} */
  const own = {};

  function offer() {
    const [before = '', last = ''] = /^(.*?)(\S*)$/s.exec(field.value)?.slice(1) ?? [];
    list.replaceChildren(...completionsOf(last, own).map((each) => h('option', { value: before + each })));
    const key = last.slice(0, Math.max(0, last.indexOf(':')));
    if (Object.hasOwn(groupOf, key) && !Object.hasOwn(own, key)) learn(key);
  }

  /** @param {string} key */
  async function learn(key) {
    own[key] = [];
    if (project === '') return;
    const { items } = await api.stepGroups({ by: groupOf[key] }).catch(() => ({ items: [] }));
    own[key] = items.map(({ name }) => (/\s/.test(name) ? `"${name}"` : name));
    offer();
  }

  field.addEventListener('input', offer);
  field.addEventListener('focus', offer, { once: true });

  return { field, element: h('span', { class: 'search-box' }, field, list, problem), problem };
}

/**
 * Suggestions for a half typed word.
 *
 * @param {string} word
 * @param {Readonly<Record<string, readonly string[]>>} own values that the project has, by key
 */
export function completionsOf(word, own) {
  const [, key, value] = /^(\w+):(.*)$/s.exec(word) ?? [];
  if (key === undefined || value === undefined) {
    return Object.keys(keys)
      .filter((each) => each.startsWith(word.toLowerCase()))
      .map((each) => `${each}:`);
  }
  const known =
    (Object.hasOwn(own, key) ? own[key] : undefined) ??
    (Object.hasOwn(keys, key) ? keys[/** @type {keyof typeof keys} */ (key)] : []);
  return known.filter((each) => each.startsWith(value) && each !== value).map((each) => `${key}:${each}`);
}
