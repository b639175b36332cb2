// One trace: its facts, its spans as tree and waterfall, and the details of the selected one.

import { ApiError, api, project } from './api.js';
import { drawDetail } from './detail.js';
import { h, setVars, throttle } from './dom.js';
import { download, loaded } from './files.js';
import { drawFinder } from './finder.js';
import { count, duration, exactTime, money, parseTime, plural } from './format.js';
import { tagLink } from './list.js';
import { copyButton, note, showFault } from './notice.js';
import { hrefTo, noteParams, parseRoute, visited } from './route.js';
import { fact, statusSign } from './signs.js';
import { buildTree } from './span-tree.js';
import { drawSplitter } from './splitter.js';
import { drawTree } from './tree-view.js';

/** @import {OpenPage, Route, Score, Trace} from './shapes.js' */
/** @import {SpanNode, SpanTree} from './span-tree.js' */

const refreshMs = 500;

/** A trace of the server, live. @param {HTMLElement} main @param {Route} route @returns {OpenPage} */
export function openTrace(main, route) {
  const request = new AbortController();
  const page = drawPage(main, route.params.get('span') ?? '');
  visited.row = route.id;
  async function load() {
    try {
      const [trace, scores] = await Promise.all([
        api.trace(route.id, request.signal),
        api.scores(route.id, request.signal),
      ]);
      page.show(trace, scores);
    } catch (error) {
      if (request.signal.aborted) return;
      if (error instanceof ApiError && error.status === 404 && (await isElsewhere(route.id, request.signal))) return;
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
    close() {
      request.abort();
      refresh.stop();
      page.close();
    },
  };
}

/**
 * Whether another project has the trace: then one goes there. An address as the command line prints it names none.
 *
 * @param {string} id
 * @param {AbortSignal} signal
 */
async function isElsewhere(id, signal) {
  const { items } = await api.projects();
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

/** A trace of an opened file, or the list of all of them. @param {HTMLElement} main @param {Route} route @returns {OpenPage} */
export function openLoaded(main, route) {
  const trace = loaded[Number(route.id)];
  if (route.id !== '' && trace !== undefined) {
    const page = drawPage(main, route.params.get('span') ?? '');
    page.show(trace, []);
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

/**
 * @param {HTMLElement} main
 * @param {string} wantedId the span to select once it is there
 */
function drawPage(main, wantedId) {
  /** @type {Trace | undefined} */
  let trace;
  /** @type {SpanTree | undefined} */
  let tree;
  let wanted = wantedId;
  let drawnDetail = '';
  const head = h('header', { class: 'trace-head' });
  const detail = h('section', { class: 'detail', 'aria-label': 'Details', tabindex: -1 });
  const view = drawTree({ onSelect: select, onEnter: () => detail.focus() });
  const finder = drawFinder({ nodes: () => tree?.all ?? [], select: view.select, mark: view.mark });
  const errors = button('', 'Next error (e)', nextError);
  const bar = h(
    'div',
    { class: 'tree-bar' },
    finder.element,
    errors,
    button('Zoom', 'Fit the time axis to the span, or to the whole trace (z)', view.zoom),
    button('Open all', 'Open everything (*)', () => view.foldAll(false)),
    button('Close all', 'Close everything (-)', () => view.foldAll(true)),
  );
  const left = h(
    'div',
    { class: 'left' },
    bar,
    h(
      'div',
      { class: 'axis-row' },
      h('span', { class: 'muted' }, 'Span'),
      h('span', { class: 'muted took' }, 'Duration'),
      view.axis,
    ),
    view.element,
  );
  const body = h('div', { class: 'trace-body' }, left, detail);
  left.after(drawSplitter(body));
  const element = h('div', { class: 'trace-page' }, head, body);
  main.append(element);
  const clock = setInterval(() => tree?.isRunning && redraw(), 1000);

  /** @param {SpanNode} node */
  function select(node) {
    noteParams({ span: node.id });
    wanted = node.id;
    drawSelected(node);
  }

  /** Only when it differs from what is there: what is unfolded and scrolled to stays. @param {SpanNode} node */
  function drawSelected(node) {
    if (trace === undefined || tree === undefined) return;
    const text = `${node.id} ${JSON.stringify(node.span ?? { ...trace, spans: trace.spans.length })} ${node.isOpen && tree.isRunning ? node.end : ''}`;
    if (text === drawnDetail) return;
    if (!drawnDetail.startsWith(`${node.id} `)) detail.scrollTop = 0;
    drawnDetail = text;
    detail.replaceChildren(...drawDetail(node, trace, tree.root.start).filter((part) => part !== null));
  }

  function redraw() {
    if (trace === undefined) return;
    tree = buildTree(trace, Date.now());
    setVars(body, {
      '--deepest': Math.min(
        24,
        tree.all.reduce((deepest, { depth }) => Math.max(deepest, depth), 0),
      ),
    });
    view.show(tree);
    finder.refresh();
    const failures = tree.root.failures;
    errors.hidden = failures === 0;
    errors.textContent = `✕ ${plural(failures, 'error')}`;
    const node = tree.nodes.get(wanted);
    // Only when it came just now: one may have scrolled elsewhere since.
    if (node !== undefined && view.selectedId() !== node.id) view.select(node.id);
    drawSelected(node ?? tree.root);
  }

  function nextError() {
    const at = (tree?.nodes.get(wanted) ?? tree?.root)?.order ?? 0;
    const failed = tree?.all.filter((node) => node.hasFailed && node.span !== undefined) ?? [];
    const next = failed.find(({ order }) => order > at) ?? failed[0];
    if (next) view.select(next.id);
  }

  return {
    /** @param {Trace} next @param {readonly Score[]} scores */
    show(next, scores) {
      const isFirst = trace === undefined;
      // It may have stood “no such trace” there: a run is told of before it is stored.
      if (!element.isConnected) main.replaceChildren(element);
      trace = next;
      document.title = `${next.name} · pandaprobe local`;
      head.replaceChildren(...drawHead(next, scores));
      redraw();
      if (isFirst) view.element.focus({ preventScroll: true });
    },
    isShown: () => trace !== undefined,
    /** @param {Route} route */
    follow(route) {
      view.select(route.params.get('span') ?? '');
      return true;
    },
    /** @param {KeyboardEvent} event */
    key(event) {
      const isInDetail = detail.contains(document.activeElement);
      if (event.key === 'Escape') {
        if (isInDetail) view.element.focus();
        else location.hash = visited.list;
        return true;
      }
      if (event.key === 'e') {
        nextError();
        return true;
      }
      // Buttons and links keep Enter and the space bar; in the details the arrows scroll.
      const isOnControl =
        document.activeElement instanceof HTMLButtonElement || document.activeElement instanceof HTMLAnchorElement;
      return event.key === 'z' || !(isInDetail || isOnControl) ? view.key(event) : false;
    },
    close() {
      clearInterval(clock);
    },
  };
}

/** @param {Trace} trace @param {readonly Score[]} scores */
function drawHead(trace, scores) {
  const sum = (/** @type {(span: Trace['spans'][number]) => unknown} */ of) =>
    trace.spans.reduce((total, span) => total + (Number(of(span) ?? 0) || 0), 0);
  const tokens = sum((span) => span.token_usage?.prompt_tokens) + sum((span) => span.token_usage?.completion_tokens);
  const cost = sum((span) => span.cost?.total);
  const took = parseTime(trace.ended_at) - parseTime(trace.started_at);
  const link = (/** @type {string} */ text, /** @type {string} */ href) => h('a', { href }, text);
  return [
    h(
      'div',
      { class: 'title' },
      h(
        'a',
        { class: 'back', href: visited.list, title: 'Back to the list (Esc)', 'aria-label': 'Back to the list' },
        '←',
      ),
      h('h1', {}, trace.name),
      statusSign(trace.status),
      ...trace.tags.map(tagLink),
      h(
        'span',
        { class: 'tools' },
        copyButton(() => JSON.stringify(trace, null, 2), 'Copy trace'),
        button('Download', 'Save this trace as a file', () => download(trace)),
      ),
    ),
    h(
      'dl',
      { class: 'head-facts' },
      fact('Started', exactTime(trace.started_at)),
      fact('Duration', trace.ended_at === null ? 'running' : duration(took)),
      fact('Spans', count(trace.spans.length)),
      fact('Tokens', count(tokens)),
      fact('Cost', money(cost)),
      ...(trace.session_id === null
        ? []
        : [fact('Session', link(trace.session_id, hrefTo('session', trace.session_id)))]),
      ...(trace.user_id === null
        ? []
        : [fact('User', link(trace.user_id, hrefTo('traces', '', { user: trace.user_id })))]),
      ...(trace.environment === null ? [] : [fact('Environment', trace.environment)]),
      ...(trace.release === null ? [] : [fact('Release', trace.release)]),
      ...scores.map((score) =>
        fact(score.name, h('span', { class: 'score', title: score.reason ?? '' }, score.value ?? '–')),
      ),
    ),
  ];
}

/** @param {string} text @param {string} title @param {() => void} onClick */
function button(text, title, onClick) {
  return h('button', { class: 'button small', type: 'button', title, onclick: onClick }, text);
}
