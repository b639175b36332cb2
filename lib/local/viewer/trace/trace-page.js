// One trace: its facts, its spans as tree and waterfall, and the details of the selected one.

import { h, setVars } from '../core/dom.js';
import { plural } from '../core/format.js';
import { markWords } from '../core/highlight.js';
import { button } from '../core/notice.js';
import { noteParams, visited } from '../core/route.js';
import { drawDetail, tellProgress, textOfDetail } from './detail.js';
import { drawFinder } from './finder.js';
import { buildTree } from './span-tree.js';
import { drawSplitter } from './splitter.js';
import { drawHead } from './trace-head.js';
import { drawTree } from './tree-view.js';

/** @import {PageRoute, Score, Trace} from '../shapes.js' */
/** @import {SpanNode, SpanTree} from './span-tree.js' */

/** Most pixels by which a step is indented. */
const mostIndent = 180;

/** Whether spans of HTTP and databases are in the tree. Kept until the page is reloaded. */
let showsPlumbing = false;

/**
 * @param {HTMLElement} main
 * @param {string} wantedId the span to select once it is there
 * @param {boolean} isStored in the server; a trace of a file is not
 */
export function drawTracePage(main, wantedId, isStored) {
  /** @type {Trace | undefined} */
  let trace;
  /** @type {SpanTree | undefined} */
  let tree;
  let wanted = wantedId;
  let drawnDetail = '';
  let drawnHead = '';
  const head = h('header', { class: 'trace-head' });
  const detail = h('section', { class: 'detail', 'aria-label': 'Details', tabindex: -1 });
  const view = drawTree({ onSelect: select, onEnter: () => detail.focus() });
  const finder = drawFinder({
    nodes: () => [...(tree?.all ?? []), ...hidden()],
    recordOf: (node) => node.span ?? trace,
    select: selectFound,
    mark: view.mark,
    onChange: () => markWords(detail, finder.words()),
  });
  const plumbing = button('', 'Spans of HTTP and databases, with nothing of the agent below them', () => {
    // If this hides the span that the address names, the span is no longer selected.
    if (showsPlumbing && [...(tree?.plumbing ?? [])].some(({ id }) => id === wanted)) wanted = '';
    showsPlumbing = !showsPlumbing;
    redraw();
  });
  const errors = button('', 'Next error (e)', nextError);
  const bar = h(
    'div',
    { class: 'tree-bar' },
    finder.element,
    errors,
    button('Zoom', 'Fit the time axis to the span, or to the whole trace (z)', view.zoom),
    button('Open all', 'Open everything (*)', () => view.foldAll(false)),
    button('Close all', 'Close everything (-)', () => view.foldAll(true)),
    plumbing,
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

  /** The spans that the tree hides. */
  function hidden() {
    return showsPlumbing ? [] : (tree?.plumbing ?? []);
  }

  /** @param {string} id */
  function selectFound(id) {
    wanted = id;
    if (tree?.nodes.has(id) === false && id !== '') redraw();
    view.select(id);
    const place = markWords(detail, finder.words())?.getBoundingClientRect();
    const frame = detail.getBoundingClientRect();
    if (place && (place.top < frame.top || place.bottom > frame.bottom))
      detail.scrollTop += place.top - frame.top - frame.height / 3;
  }

  /** @param {SpanNode} node */
  function select(node) {
    noteParams({ span: node.id });
    wanted = node.id;
    drawSelected(node);
  }

  /** Shows a span, unless it is shown already: then unfolded parts and the scroll position stay. @param {SpanNode} node */
  function drawSelected(node) {
    if (trace === undefined || tree === undefined) return;
    const text = textOfDetail(node, trace, tree);
    if (text === drawnDetail) {
      tellProgress(detail, node, tree);
      return;
    }
    const isOther = drawnDetail !== '' && !drawnDetail.startsWith(`${node.id} `);
    drawnDetail = text;
    const whole = trace;
    const parts = drawDetail(
      node,
      whole,
      tree,
      ({ id }) => view.select(id),
      () => trace ?? whole,
    );
    detail.replaceChildren(...parts.filter((part) => part !== null));
    if (isOther) detail.scrollTop = 0;
    markWords(detail, finder.words());
  }

  /** Updates the facts only if they changed: a link or button in them may have the focus. @param {Trace} next @param {readonly Score[]} scores */
  function drawChangedHead(next, scores) {
    const parts = drawHead(next, scores, () => trace ?? next, isStored);
    const text = parts.map(({ textContent }) => textContent).join('\n');
    if (text === drawnHead) return;
    drawnHead = text;
    const at = [...head.querySelectorAll('a, button')].indexOf(document.activeElement ?? head);
    head.replaceChildren(...parts);
    const same = at === -1 ? undefined : [...head.querySelectorAll('a, button')][at];
    if (same instanceof HTMLElement) same.focus({ preventScroll: true });
  }

  function redraw() {
    if (trace === undefined) return;
    tree = buildTree(trace, Date.now(), showsPlumbing);
    if ([...hidden()].some(({ id }) => id === wanted)) {
      showsPlumbing = true;
      tree = buildTree(trace, Date.now());
    }
    plumbing.hidden = tree.plumbing.size === 0;
    plumbing.textContent = `${showsPlumbing ? 'Hide' : 'Show'} ${plural(tree.plumbing.size, 'span')} of HTTP and databases`;
    const deepest = tree.all.reduce((most, { depth }) => Math.max(most, depth), 0);
    // A deep tree is indented less, to leave room for the names.
    setVars(body, {
      '--deepest': Math.min(24, deepest),
      '--indent': `${Math.min(14, mostIndent / Math.max(1, deepest))}px`,
    });
    view.show(tree);
    finder.refresh();
    const failures = tree.root.failures;
    errors.hidden = failures === 0;
    errors.textContent = `✕ ${plural(failures, 'error')}`;
    const node = tree.nodes.get(wanted);
    // Only when the span has just appeared: the user may have scrolled since.
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
      // The page may show “no such trace”: a run is announced before it is stored.
      if (!element.isConnected) main.replaceChildren(element);
      trace = next;
      document.title = `${next.name} · pandaprobe local`;
      drawChangedHead(next, scores);
      redraw();
      if (isFirst) view.element.focus({ preventScroll: true });
    },
    isShown: () => trace !== undefined,
    isRunning: () => tree?.isRunning ?? false,
    /** @param {PageRoute} route */
    follow(route) {
      selectFound(route.params.get('span') ?? '');
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
      markWords(detail, '');
    },
  };
}
