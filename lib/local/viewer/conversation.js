// Messages as a conversation: who said what, which tools were called, what came back.

import { h } from './dom.js';
import { drawJson, drawText } from './json-tree.js';
import { conversationOf, parsed } from './messages.js';
import { copyButton } from './notice.js';

/** @import {Message, Part} from './messages.js' */

const instructionLimit = 400;
const names = /** @type {Record<string, string>} */ ({ human: 'user', ai: 'assistant', model: 'assistant' });

/** @param {readonly Message[]} messages */
export function drawConversation(messages) {
  return h('div', { class: 'conversation', role: 'list' }, ...messages.map(drawMessage));
}

/** @param {Message} message */
export function drawMessage({ role, name, parts }) {
  const known = names[role] ?? role;
  const limit = known === 'system' || known === 'developer' ? instructionLimit : undefined;
  return h(
    'div',
    { class: 'message', 'data-role': known, role: 'listitem' },
    h('div', { class: 'who' }, known, name === '' ? null : h('span', { class: 'muted' }, ` ${name}`)),
    h(
      'div',
      { class: 'said' },
      ...(parts.length === 0
        ? [h('span', { class: 'muted' }, 'no content')]
        : parts.map((part) => drawPart(part, limit))),
    ),
  );
}

/**
 * A value in the form that suits it, with a switch to JSON when it is a conversation.
 *
 * @param {string} title
 * @param {unknown} value
 */
export function drawValue(title, value) {
  const found = conversationOf(value);
  const place = h('div', { class: 'value' });
  const copy = copyButton(() => (typeof value === 'string' ? value : JSON.stringify(value, null, 2)), 'Copy');
  let asJson = found === undefined;
  const toggle = h('button', { class: 'button small', type: 'button', onclick: () => draw(!asJson) });

  /** @param {boolean} next */
  function draw(next) {
    asJson = next;
    toggle.textContent = asJson ? 'Conversation' : 'JSON';
    if (found !== undefined && !asJson) {
      const rest = Object.keys(found.rest).length > 0 && drawJson(found.rest);
      place.replaceChildren(drawConversation(found.messages));
      if (rest) place.append(rest);
    } else place.replaceChildren(typeof value === 'string' ? drawText(value, 4000) : drawJson(value));
  }

  draw(asJson);
  return h(
    'section',
    { class: 'section', 'aria-label': title },
    h('header', {}, h('h3', {}, title), h('span', { class: 'tools' }, found === undefined ? null : toggle, copy)),
    place,
  );
}

/** @param {Part} part @param {number | undefined} limit */
function drawPart(part, limit) {
  switch (part.is) {
    case 'text':
      return drawText(part.text, limit);
    case 'thinking':
      return h('details', { class: 'thinking' }, h('summary', {}, 'Thinking'), drawText(part.text));
    case 'call':
      return h(
        'div',
        { class: 'tool' },
        h(
          'div',
          { class: 'tool-head' },
          h('span', { 'aria-hidden': 'true' }, '→ '),
          'calls ',
          h('code', {}, part.name),
          idOf(part.id),
        ),
        drawAny(part.input),
      );
    case 'result':
      return h(
        'div',
        { class: 'tool', 'data-failed': part.hasFailed },
        h(
          'div',
          { class: 'tool-head' },
          h('span', { 'aria-hidden': 'true' }, part.hasFailed ? '✕ ' : '← '),
          part.hasFailed ? 'failed' : 'result',
          part.name === '' ? null : h('code', {}, ` ${part.name}`),
          idOf(part.id),
        ),
        drawAny(parsed(part.output)),
      );
    case 'media':
      return h('div', { class: 'media' }, h('span', { class: 'tag' }, part.media), ' ', part.facts.join(' · '));
    default:
      return drawJson(part.value);
  }
}

/** @param {unknown} value */
function drawAny(value) {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? drawText(value) : drawJson(value);
}

/** @param {string} id */
function idOf(id) {
  return id === '' ? null : h('span', { class: 'muted id' }, id);
}
