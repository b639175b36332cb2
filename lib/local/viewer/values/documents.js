// The documents that a retriever found, as cards.

import { h } from '../core/dom.js';
import { count } from '../core/format.js';
import { drawJson, drawText } from './json-tree.js';
import { isFields } from './read-unknown.js';

/** @typedef {{text: string, title: string, score: number | undefined, rest: Record<string, unknown>}} Document */

const texts = ['pageContent', 'page_content', 'content', 'text', 'document', 'snippet', 'chunk'];
const lists = ['documents', 'matches', 'results', 'chunks', 'hits'];
const mostCards = 30;

/**
 * The documents in a value; undefined if it has none.
 *
 * @param {unknown} value
 * @returns {Document[] | undefined}
 */
export function documentsOf(value) {
  if (Array.isArray(value)) {
    const found = value.map(documentOf);
    return found.length > 0 && found.every((each) => each !== undefined) ? found : undefined;
  }
  if (!isFields(value)) return undefined;
  const key = lists.find((name) => Array.isArray(value[name]));
  return key === undefined ? undefined : documentsOf(value[key]);
}

/** @param {unknown} value @returns {Document | undefined} */
function documentOf(value) {
  if (!isFields(value) || 'role' in value || 'type' in value) return undefined;
  const metadata = isFields(value.metadata) ? value.metadata : {};
  const holder = texts.some((name) => typeof value[name] === 'string') ? value : metadata;
  const key = texts.find((name) => typeof holder[name] === 'string');
  // More than the text is needed, because a plain `{content}` may be anything.
  if (key === undefined || Object.keys(value).length < 2) return undefined;
  const { [key]: text, metadata: _, score: __, ...rest } = value;
  const score = [value.score, value.similarity, value.distance].find((each) => typeof each === 'number');
  const title = [value.title, value.name, metadata.title, metadata.source, value.source, value.id].find(
    (each) => typeof each === 'string' && each !== '',
  );
  return {
    text: String(holder[key]),
    title: typeof title === 'string' ? title : '',
    score: typeof score === 'number' ? score : undefined,
    rest: { ...rest, ...metadata },
  };
}

/** @param {readonly Document[]} documents */
export function drawDocuments(documents) {
  const cards = documents
    .slice(0, mostCards)
    .map(({ text, title, score, rest }, at) =>
      h(
        'li',
        { class: 'document' },
        h(
          'div',
          { class: 'document-head' },
          h('strong', {}, title === '' ? `Document ${at + 1}` : title),
          score === undefined ? null : h('span', { class: 'muted' }, `score ${Number(score.toPrecision(4))}`),
        ),
        drawText(text, 400),
        Object.keys(rest).length === 0
          ? null
          : h('details', {}, h('summary', { class: 'muted' }, 'More of it'), drawJson(rest)),
      ),
    );
  const left = documents.length - cards.length;
  return h(
    'div',
    {},
    h('ol', { class: 'documents' }, ...cards),
    left > 0 ? h('p', { class: 'muted' }, `${count(left)} more in the JSON`) : null,
  );
}
