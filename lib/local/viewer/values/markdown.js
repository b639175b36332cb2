// A Markdown text as elements. Only the forms below become elements, and each is made from plain text: HTML in a text stays text,
// and a link leads only to a page or a mail address. So nothing has to be sanitized.

import { h } from '../core/dom.js';

/** @import {Token} from '../vendor/markdown.js' */

/** A text with one of these signs counts as Markdown. Only for texts of a few thousand characters: the time may grow with the square. */
const signs = /^ {0,3}(?:#{1,6} |[-*+] |\d+[.)] |```|~~~|> |\|.*\|)|\*\*[^*\n]+\*\*|`[^`\n]+`|\]\([^)\s]+\)/m;
/** @type {typeof import('../vendor/markdown.js') | undefined} */
let parser;
/** The parser, loaded a moment after the start. Until then, texts are shown unformatted. */
const loading = import('../vendor/markdown.js').then(
  (loaded) => {
    parser = loaded;
  },
  () => {},
);

/** @param {string} text of a few thousand characters */
export function isMarkdown(text) {
  return signs.test(text);
}

/** Puts the text into `place`: formatted, or as it is until that is possible. @param {HTMLElement} place @param {string} text */
export function putMarkdown(place, text) {
  if (parser === undefined) {
    place.textContent = text;
    loading.then(() => parser && putMarkdown(place, text));
    return;
  }
  try {
    place.replaceChildren(...blocks(parser.lexer(text)));
    place.classList.add('markdown');
  } catch {
    // Quotes or lists in each other, thousands deep, are more than the stack holds.
    place.textContent = text;
  }
}

/** @param {readonly Token[]} tokens @returns {(Node | string)[]} */
function blocks(tokens) {
  return tokens.map(block);
}

/** @param {Token} token @returns {Node | string} */
function block(token) {
  switch (token.type) {
    case 'space':
      return '';
    case 'heading':
      // A real heading would become part of the page's outline.
      return h('p', { class: 'md-heading', 'data-level': token.depth }, ...inline(token));
    case 'paragraph':
      return h('p', {}, ...inline(token));
    case 'text':
      return token.tokens === undefined ? token.raw : h('span', {}, ...inline(token));
    case 'code':
      return h('pre', { class: 'md-code', tabindex: 0 }, h('code', {}, token.text ?? ''));
    case 'blockquote':
      return h('blockquote', {}, ...blocks(token.tokens ?? []));
    case 'list': {
      const items = (token.items ?? []).map((item) =>
        h('li', {}, item.task ? (item.checked ? '☑ ' : '☐ ') : '', ...blocks(item.tokens ?? [])),
      );
      return token.ordered ? h('ol', { start: token.start }, ...items) : h('ul', {}, ...items);
    }
    case 'table':
      return table(token);
    case 'hr':
      return h('hr');
    default:
      return token.raw;
  }
}

/** @param {Token} token */
function table({ header = [], rows = [] }) {
  const cells = (/** @type {readonly {readonly tokens: readonly Token[]}[]} */ row, /** @type {'th' | 'td'} */ tag) =>
    h('tr', {}, ...row.map(({ tokens }) => h(tag, {}, ...tokens.map(span))));
  return h(
    'div',
    { class: 'md-table', tabindex: 0 },
    h('table', {}, h('thead', {}, cells(header, 'th')), h('tbody', {}, ...rows.map((row) => cells(row, 'td')))),
  );
}

/** @param {Token} token */
function inline(token) {
  return (token.tokens ?? []).map(span);
}

/** @param {Token} token @returns {Node | string} */
function span(token) {
  switch (token.type) {
    case 'strong':
      return h('strong', {}, ...inline(token));
    case 'em':
      return h('em', {}, ...inline(token));
    case 'del':
      return h('del', {}, ...inline(token));
    case 'codespan':
      return h('code', {}, token.text ?? '');
    case 'br':
      return h('br');
    case 'link':
      return link(token.href ?? '', ...inline(token));
    case 'image':
      return link(token.href ?? '', `🖼 ${token.text === '' ? 'image' : token.text}`);
    case 'escape':
      return token.text ?? '';
    case 'text':
      return token.tokens === undefined ? token.raw : h('span', {}, ...inline(token));
    default:
      return token.raw;
  }
}

/**
 * A link to another page. Nothing is loaded until the reader follows it.
 *
 * @param {string} href
 * @param {...(Node | string)} text
 */
export function link(href, ...text) {
  if (!/^(?:https?:\/\/|mailto:)/i.test(href)) return h('span', { title: href }, ...text);
  return h('a', { href, title: href, target: '_blank', rel: 'noopener noreferrer' }, ...text);
}
