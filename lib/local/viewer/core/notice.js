// Short notices, and texts that are shown instead of missing content.

import { ApiError, hasKey } from './api.js';
import { byId, h } from './dom.js';

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/**
 * A line at the bottom that goes away again.
 *
 * @param {string} text
 */
export function note(text) {
  const toast = byId('toast');
  toast.textContent = text;
  toast.classList.add('shown');
  clearTimeout(timer);
  timer = setTimeout(() => toast.classList.remove('shown'), 4000);
}

/**
 * Shows an error instead of the requested content. Shows nothing for a request that was aborted on purpose.
 *
 * @param {HTMLElement} place
 * @param {unknown} error
 * @param {string} [missing] said for 404
 */
export function showFault(place, error, missing) {
  if (error instanceof DOMException && error.name === 'AbortError') return;
  const text = error instanceof Error ? error.message : String(error);
  const gone = error instanceof ApiError && (error.status === 404 || error.status === 422) && missing !== undefined;
  place.replaceChildren(
    h('div', { class: 'empty', role: 'alert' }, h('h2', {}, gone ? missing : 'That did not work'), h('p', {}, text)),
  );
}

/** How to send a first trace here. */
export function howToSend() {
  const lines = [
    `export PANDAPROBE_ENDPOINT=${location.origin}`,
    `export PANDAPROBE_API_KEY=${hasKey() ? '<the key of this server>' : 'local'}`,
    'export PANDAPROBE_PROJECT_NAME=my-agent',
    'node my-agent.js',
  ].join('\n');
  return h(
    'div',
    { class: 'empty' },
    h('h2', {}, 'No traces yet'),
    h('p', {}, 'Point an agent at this server and run it; its traces appear here while it works.'),
    codeBlock(lines),
    h('p', {}, 'Or fill this server with a few realistic runs:'),
    codeBlock(`npx pandaprobe-ts demo${location.port === '7263' ? '' : ` --endpoint ${location.origin}`}`),
    h('p', { class: 'muted' }, 'You can also drop a trace file anywhere on this page to look at it.'),
  );
}

/** @param {string} text */
function codeBlock(text) {
  return h(
    'div',
    { class: 'code-block' },
    h('pre', {}, text),
    copyButton(() => text, 'Copy'),
  );
}

/** @param {string} text @param {string} title @param {() => void} onClick */
export function button(text, title, onClick) {
  return h('button', { class: 'button small', type: 'button', title, onclick: onClick }, text);
}

/**
 * A button that copies.
 *
 * @param {() => string} textOf
 * @param {string} label
 */
export function copyButton(textOf, label) {
  return h('button', { class: 'button small', type: 'button', onclick: () => copy(textOf()) }, label);
}

/** @param {string} text */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (!copySelected(text)) {
      note('The browser did not allow copying');
      return;
    }
  }
  note('Copied');
}

/**
 * Copies a text by selecting it in a field. Browsers offer `navigator.clipboard` only on https and localhost.
 *
 * @param {string} text
 */
function copySelected(text) {
  const before = document.activeElement;
  const field = h('textarea', { class: 'unseen', 'aria-hidden': 'true', tabindex: -1 });
  field.value = text;
  (document.querySelector('dialog[open]') ?? document.body).append(field);
  field.select();
  const isCopied = document.execCommand('copy');
  field.remove();
  if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  return isCopied;
}
