// Messages as a conversation: roles, texts, tool calls and their results.

import { h } from '../core/dom.js';
import { count } from '../core/format.js';
import { copyButton } from '../core/notice.js';
import { documentsOf, drawDocuments } from './documents.js';
import { drawJson, drawProse, drawText } from './json-tree.js';
import { link } from './markdown.js';
import { conversationOf } from './messages.js';
import { parsed } from './read-unknown.js';

/** @import {Part} from './message-parts.js' */
/** @import {Message} from './messages.js' */

const instructionLimit = 400;
/** How many messages are drawn at once, and how many of these are the first ones; the others are the last ones. */
const [mostMessages, firstMessages] = [60, 10];
const names = new Map([
  ['human', 'user'],
  ['ai', 'assistant'],
  ['model', 'assistant'],
]);

/** If there are very many messages, those in the middle are drawn when the reader asks for them. @param {readonly Message[]} messages */
export function drawConversation(messages) {
  const element = h('div', { class: 'conversation', role: 'list' });
  if (messages.length <= mostMessages) {
    element.append(...messages.map(drawMessage));
    return element;
  }
  const [from, until] = [firstMessages, messages.length - (mostMessages - firstMessages)];
  const more = h('button', { class: 'more', type: 'button' });
  const place = h('div', { role: 'listitem' }, more);
  let at = from;
  const showRest = () => {
    more.textContent = `${count(until - at)} more messages`;
  };
  more.addEventListener('click', () => {
    const next = Math.min(until, at + mostMessages);
    place.before(...messages.slice(at, next).map(drawMessage));
    at = next;
    if (at === until) place.remove();
    else showRest();
  });
  showRest();
  element.append(...messages.slice(0, from).map(drawMessage), place, ...messages.slice(until).map(drawMessage));
  return element;
}

/** @param {Message} message */
function drawMessage({ role, name, parts }) {
  const known = names.get(role) ?? role;
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
 * A value in its best form; if that is a conversation, with a switch to JSON.
 *
 * @param {string} title
 * @param {unknown} value
 */
export function drawValue(title, value) {
  const found = conversationOf(value);
  const documents = found === undefined ? documentsOf(value) : undefined;
  const inside = parsed(value);
  const place = h('div', { class: 'value' });
  const copy = copyButton(() => (typeof value === 'string' ? value : JSON.stringify(value, null, 2)), 'Copy');
  const hasForm = found !== undefined || documents !== undefined;
  let asJson = !hasForm;
  const toggle = h('button', { class: 'button small', type: 'button', onclick: () => draw(!asJson) });

  /** @param {boolean} next */
  function draw(next) {
    asJson = next;
    toggle.textContent = asJson ? (found === undefined ? 'Documents' : 'Conversation') : 'JSON';
    if (found !== undefined && !asJson) {
      const rest = Object.keys(found.rest).length > 0 && drawJson(found.rest);
      place.replaceChildren(drawConversation(found.messages));
      if (rest) place.append(rest);
    } else if (documents !== undefined && !asJson) place.replaceChildren(drawDocuments(documents));
    else
      place.replaceChildren(typeof inside === 'string' && inside !== '' ? drawProse(inside, 4000) : drawJson(inside));
  }

  draw(asJson);
  return h(
    'section',
    { class: 'section', 'aria-label': title },
    h('header', {}, h('h3', {}, title), h('span', { class: 'tools' }, hasForm ? toggle : null, copy)),
    place,
  );
}

/** @param {Part} part @param {number | undefined} limit */
function drawPart(part, limit) {
  switch (part.is) {
    case 'text':
      return drawProse(part.text, limit);
    case 'thinking':
      return h('details', { class: 'thinking' }, h('summary', {}, 'Thinking'), drawProse(part.text));
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
      return drawMedia(part);
    default:
      return drawJson(part.value);
  }
}

/**
 * An image that is part of the trace is drawn when the reader asks for it; an image at another address is a link.
 *
 * @param {Part & {is: 'media'}} part
 */
function drawMedia({ media, facts, source }) {
  const told = h('div', { class: 'media' }, h('span', { class: 'tag' }, media), ' ', facts.join(' · '));
  const element = h('div', {}, told);
  if (/^data:image\/(?:png|jpeg|gif|webp);base64,/.test(source)) {
    const show = h('button', { class: 'button small', type: 'button' }, 'Show the image');
    show.addEventListener('click', () =>
      show.replaceWith(h('img', { class: 'picture', src: source, alt: `${media} of this message` })),
    );
    element.append(show);
  } else if (/^https?:/.test(source)) element.append(link(source, 'Open it in a new tab'));
  return element;
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
