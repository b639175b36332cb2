// Keys that work on every page; other keys are passed to the page.

import { h } from './dom.js';
import { kindSign, kinds } from './signs.js';

/** @import {OpenPage} from '../shapes.js' */

const groups = [
  {
    title: 'Everywhere',
    keys: [
      ['/', 'search'],
      ['?', 'this help'],
      ['Esc', 'leave the field, or go back to the list'],
    ],
  },
  {
    title: 'Lists',
    keys: [
      ['↑ ↓', 'previous, next row'],
      ['Enter', 'open it'],
      ['n  p', 'next, previous page'],
    ],
  },
  {
    title: 'Trace',
    keys: [
      ['↑ ↓', 'previous, next span'],
      ['← →', 'close or go to the parent, open or go to the first child'],
      ['Home End', 'first, last span'],
      ['Enter', 'go to the details, Esc comes back'],
      ['e', 'next error'],
      ['z', 'fit the time axis to the span, or to the whole trace'],
      ['* -', 'open everything, close everything'],
      ['/', 'find any word in it; Enter goes to the next step that has it'],
    ],
  },
];

/** @param {() => OpenPage | undefined} openPage */
export function listenForKeys(openPage) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]') !== null) return;
    if (isTyping(event.target)) {
      if (event.key === 'Escape' && event.target instanceof HTMLElement) event.target.blur();
      return;
    }
    if (event.key === '?') {
      showHelp();
    } else if (event.key === '/') {
      const search = document.querySelector('input[type="search"]');
      if (!(search instanceof HTMLInputElement)) return;
      search.focus();
      search.select();
    } else if (!openPage()?.key?.(event)) return;
    event.preventDefault();
  });
}

export function showHelp() {
  const dialog = h(
    'dialog',
    { class: 'dialog help', 'aria-label': 'Keyboard', onclose: () => dialog.remove() },
    h(
      'form',
      { method: 'dialog' },
      h('h2', {}, 'Keyboard'),
      ...groups.map(({ title, keys }) =>
        h(
          'section',
          {},
          h('h3', {}, title),
          h('dl', {}, ...keys.flatMap(([key, does]) => [h('dt', {}, ...caps(key ?? '')), h('dd', {}, does)])),
        ),
      ),
      h(
        'section',
        {},
        h('h3', {}, 'Signs'),
        h('p', { class: 'signs' }, ...kinds.map((kind) => h('span', {}, kindSign(kind), kind.toLowerCase()))),
        h(
          'p',
          { class: 'muted' },
          'On a bar, a pin marks the first token, and hatching the time in which no step below it ran.',
        ),
      ),
      h('button', { class: 'button' }, 'Close'),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {string} keys */
function caps(keys) {
  return keys.split(/\s+/).map((key) => h('kbd', {}, key));
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  return (
    target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement
  );
}
