// A trace of an opened file, or the list of all of them.

import { h } from '../core/dom.js';
import { loaded, scoresOf } from '../core/files.js';
import { count, exactTime } from '../core/format.js';
import { hrefTo } from '../core/route.js';
import { drawTracePage } from '../trace/trace-page.js';

/** @import {OpenPage, PageRoute} from '../shapes.js' */

/** @param {HTMLElement} main @param {PageRoute} route @returns {OpenPage} */
export function openLoaded(main, route) {
  const trace = loaded[Number(route.id)];
  if (route.id !== '' && trace !== undefined) {
    const page = drawTracePage(main, route.params.get('span') ?? '', false);
    page.show(trace, scoresOf(trace));
    return page;
  }
  const rows = loaded.map((each, at) =>
    h(
      'li',
      {},
      h('a', { href: hrefTo('file', String(at)) }, each.name),
      ' ',
      h('span', { class: 'muted' }, `${count(each.spans.length)} spans, ${exactTime(each.started_at)}`),
    ),
  );
  const none = h('p', {}, 'Nothing is opened. A file is gone when the page is loaded anew: open it again.');
  main.append(
    h(
      'div',
      { class: 'empty' },
      h('h2', {}, 'Traces of opened files'),
      rows.length === 0 ? none : h('ul', {}, ...rows),
    ),
  );
  return {};
}
