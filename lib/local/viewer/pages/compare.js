// Two traces side by side, or the runs with which one can be compared.

import { drawComparison } from '../compare/both-traces.js';
import { api } from '../core/api.js';
import { h } from '../core/dom.js';
import { duration } from '../core/format.js';
import { showFault } from '../core/notice.js';
import { hrefTo } from '../core/route.js';
import { statusSign } from '../core/signs.js';
import { timeCell } from '../list/cells.js';

/** @import {OpenPage, PageRoute, Trace} from '../shapes.js' */

/** Runs to choose from. */
const mostRuns = 30;

/**
 * @param {HTMLElement} main
 * @param {PageRoute} route
 * @returns {OpenPage}
 */
export function openCompare(main, route) {
  const request = new AbortController();
  const place = h('div', { class: 'compare-page' });
  main.append(place);
  const otherId = route.params.get('with') ?? '';

  async function load() {
    try {
      const left = await api.trace(route.id, request.signal);
      if (otherId === '') return await choose(left);
      const [right, diff] = await Promise.all([
        api.trace(otherId, request.signal),
        // Without the library, the texts are shown one after the other.
        import('../vendor/diff.js').catch(() => undefined),
      ]);
      drawComparison(place, left, right, diff, route.params.get('step') ?? '0');
    } catch (error) {
      if (!request.signal.aborted) showFault(place, error, 'There is no such trace in this project');
    }
  }

  /** @param {Trace} left */
  async function choose(left) {
    // A filter cannot express a quote, so it asks for the longest part without one.
    const [part = ''] = left.name.split('"').sort((a, b) => b.length - a.length);
    const filter = part === left.name ? `name:"${part}"` : `name:"*${part}*"`;
    const { items } = await api.traces({ filter, limit: 200 }, request.signal);
    const others = items
      .filter(({ trace_id, name }) => trace_id !== left.trace_id && name === left.name)
      .slice(0, mostRuns);
    const rows = others.map((each) =>
      h(
        'li',
        {},
        h(
          'a',
          { href: hrefTo('compare', left.trace_id, { with: each.trace_id }) },
          timeCell(each.started_at),
          ` ${each.name}`,
        ),
        h('span', { class: 'muted' }, ` ${duration(each.latency_ms)} · ${each.release ?? ''} `),
        statusSign(each.status),
      ),
    );
    const none = h(
      'p',
      {},
      'There is no other run of this name. Put the id of any trace behind “with=” in the address.',
    );
    place.replaceChildren(
      h(
        'div',
        { class: 'empty' },
        h('h1', {}, `Compare ${left.name} with`),
        rows.length === 0 ? none : h('ol', { class: 'runs' }, ...rows),
      ),
    );
  }

  load();
  return {
    follow: (next) => next.params.get('with') === otherId || (otherId === '' && !next.params.has('with')),
    key(event) {
      if (event.key !== 'Escape') return false;
      location.hash = hrefTo('trace', route.id);
      return true;
    },
    close: () => request.abort(),
  };
}
