// A trace of the server, live.

import { ApiError, api, project } from '../core/api.js';
import { throttle } from '../core/dom.js';
import { note, showFault } from '../core/notice.js';
import { hrefTo, parseRoute, visited } from '../core/route.js';
import { drawTracePage } from '../trace/trace-page.js';

/** @import {OpenPage, PageRoute} from '../shapes.js' */

const refreshMs = 500;
/** A trace of the server, live. @param {HTMLElement} main @param {PageRoute} route @returns {OpenPage} */
export function openTrace(main, route) {
  const request = new AbortController();
  const page = drawTracePage(main, route.params.get('span') ?? '', true);
  visited.row = route.id;
  let hasMissed = false;
  async function load() {
    hasMissed = false;
    try {
      const [trace, scores] = await Promise.all([
        api.trace(route.id, request.signal),
        api.scores(route.id, request.signal),
      ]);
      page.show(trace, scores);
      if (hasMissed && page.isRunning()) refresh.call();
    } catch (error) {
      if (request.signal.aborted) return;
      const isMissing = error instanceof ApiError && error.status === 404 && !page.isShown();
      if (isMissing && (await isElsewhere(route.id, request.signal))) return;
      if (request.signal.aborted) return;
      if (page.isShown()) note(error instanceof Error ? error.message : String(error));
      else showFault(main, error, 'There is no such trace in this project');
    }
  }
  const refresh = throttle(load, refreshMs);
  load();
  return {
    ...page,
    changed(change) {
      if (change === undefined || change.trace_id === route.id) refresh.call();
    },
    // An ended trace hardly changes between its response and the start of the event stream. It may be large, so it is not read again.
    connected() {
      if (page.isRunning()) refresh.call();
      else hasMissed = !page.isShown();
    },
    close() {
      request.abort();
      refresh.stop();
      page.close();
    },
  };
}

/**
 * Looks for the trace in other projects and goes there if one has it, because an address may lack the project.
 *
 * @param {string} id
 * @param {AbortSignal} signal
 */
async function isElsewhere(id, signal) {
  const { items } = await api.projects().catch(() => ({ items: [] }));
  for (const { name } of items.filter((each) => each.name !== project)) {
    const found = await api.trace(id, signal, name).catch(() => undefined);
    if (signal.aborted) return true;
    if (found === undefined) continue;
    const { params } = parseRoute(location.hash);
    location.replace(hrefTo('trace', id, { ...Object.fromEntries(params), project: name }));
    return true;
  }
  return false;
}
