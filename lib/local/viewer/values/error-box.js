// An error: its message, its causes, and its stack.

import { h } from '../core/dom.js';

/** How many causes below one another, and members of one error, are drawn. */
const [deepest, mostMembers] = [6, 8];

/**
 * @param {unknown} message
 * @param {Readonly<Record<string, unknown>> | null} metadata of the failed span or trace, where the SDK puts the details
 * @param {Node | string} [where] the step it was thrown in
 */
export function drawError(message, metadata, where) {
  // A failed model call has its cause in `error`, as one line of text.
  const { cause } = fieldsOf(metadata?.error);
  const exception = fieldsOf(metadata?.exception ?? (typeof cause === 'string' ? { cause: { message: cause } } : {}));
  const text = typeof message === 'string' && message !== '' ? message : 'Failed without saying why.';
  const type = textOf(exception.type);
  return h(
    'div',
    { class: 'error-box', role: 'note' },
    h(
      'strong',
      {},
      '✕ ',
      type === '' || text.startsWith(type) ? 'Error' : type,
      where === undefined ? null : ' in ',
      where,
    ),
    h('pre', {}, text),
    ...below(exception, 0),
    stack(exception),
  );
}

/** @param {Record<string, unknown>} exception @param {number} depth @returns {HTMLElement[]} */
function below(exception, depth) {
  if (depth > deepest) return [];
  const members = Array.isArray(exception.errors) ? exception.errors.slice(0, mostMembers) : [];
  const causes = exception.cause === undefined || exception.cause === null ? [] : [exception.cause];
  return [
    ...causes.flatMap((each) => one('Caused by', fieldsOf(each), depth)),
    ...members.flatMap((each) => one('One of them', fieldsOf(each), depth)),
  ];
}

/** @param {string} how @param {Record<string, unknown>} exception @param {number} depth */
function one(how, exception, depth) {
  const message = textOf(exception.message);
  const facts = ['code', 'hostname', 'address', 'port', 'path']
    .map((name) => String(exception[name] ?? ''))
    // Most messages already contain these facts.
    .filter((fact) => fact !== '' && !message.includes(fact));
  const head = h('strong', {}, `${how} ${textOf(exception.type)}`.trim());
  const text = [message, ...facts].filter((part) => part !== '').join(' · ');
  return [h('div', { class: 'cause' }, head, h('pre', {}, text), stack(exception)), ...below(exception, depth + 1)];
}

/** @param {Record<string, unknown>} exception */
function stack(exception) {
  const text = textOf(exception.stack);
  return text === ''
    ? null
    : h('details', {}, h('summary', {}, 'Where it was thrown'), h('pre', { tabindex: 0 }, text));
}

/** @param {unknown} value @returns {Record<string, unknown>} */
function fieldsOf(value) {
  return typeof value === 'object' && value !== null ? /** @type {Record<string, unknown>} */ (value) : {};
}

/** @param {unknown} value */
function textOf(value) {
  return typeof value === 'string' ? value : '';
}
