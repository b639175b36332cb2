// A session as one conversation over its traces: what was asked, what was done, what was answered.

import { api, project } from '../core/api.js';
import { confirmRemoval } from '../core/confirm.js';
import { h, throttle } from '../core/dom.js';
import { count, duration, exactTime, money, parseTime, plural } from '../core/format.js';
import { button, copyButton, note, showFault } from '../core/notice.js';
import { go, hrefTo } from '../core/route.js';
import { fact, statusSign } from '../core/signs.js';
import { idCell, tagLink } from '../list/cells.js';
import { drawTurn } from '../session/turn.js';
import { drawTurnSearch } from '../session/turn-search.js';

/** @import {OpenPage, PageRoute, SessionDetail} from '../shapes.js' */

/** How many turns one response of the server contains. */
const turnsAtOnce = 200;

/**
 * @param {HTMLElement} main
 * @param {PageRoute} route
 * @returns {OpenPage}
 */
export function openSession(main, route) {
  const request = new AbortController();
  const head = h('header', { class: 'trace-head' });
  const list = h('ol', { class: 'turns', 'aria-label': 'Traces of the session' });
  const rest = h('p', { class: 'muted rest' });
  const search = drawTurnSearch(route.id, route.params.get('q') ?? '', request.signal, narrow);
  const element = h('div', { class: 'session-page' }, head, search.element, rest, list);
  let drawnFacts = '';
  main.append(element);
  /** @type {Map<string, {text: string, turn: HTMLElement}>} */
  let turns = new Map();
  let isShown = false;

  /** Shows only the found turns; undefined shows all. @param {ReadonlySet<string> | undefined} found */
  function narrow(found) {
    let left = 0;
    for (const [id, { turn }] of turns) {
      turn.hidden = found !== undefined && !found.has(id);
      if (!turn.hidden) left += 1;
    }
    return { left, shown: turns.size };
  }

  /** How many of the newest turns are shown. */
  let wanted = turnsAtOnce;
  let wantedTurn = Number(route.params.get('turn') ?? 0);

  async function load() {
    try {
      const session = await newest(route.id, wanted, request.signal);
      if (!element.isConnected) main.replaceChildren(element);
      show(session);
      isShown = true;
      if (wantedTurn > 0) goToTurn(wantedTurn);
      wantedTurn = 0;
    } catch (error) {
      if (request.signal.aborted) return;
      if (isShown) note(error instanceof Error ? error.message : String(error));
      else showFault(main, error, 'There is no such session in this project');
    }
  }

  /** @param {number} number */
  function goToTurn(number) {
    const turn = document.getElementById(`turn-${number}`);
    // A search may hide the turn.
    if (turn !== null) turn.hidden = false;
    turn?.scrollIntoView({ block: 'start' });
    const link = turn?.querySelector('a.turn-link');
    if (link instanceof HTMLElement) link.focus({ preventScroll: true });
  }

  /** @param {SessionDetail} session */
  function show(session) {
    const traces = [...session.traces].sort((a, b) => parseTime(a.started_at) - parseTime(b.started_at));
    const next = new Map();
    const earlier = Math.max(0, session.trace_count - traces.length);
    for (const [at, trace] of traces.entries()) {
      const number = earlier + at + 1;
      const text = `${number} ${JSON.stringify(trace)}`;
      const before = turns.get(trace.trace_id);
      next.set(trace.trace_id, before?.text === text ? before : { text, turn: drawTurn(trace, number) });
    }
    turns = next;
    const shown = [...next.values()].map(({ turn }) => turn);
    // Only changed turns are replaced, so that focus and unfolded parts stay.
    if (shown.length !== list.children.length || shown.some((turn, at) => list.children[at] !== turn)) {
      const focused = document.activeElement;
      list.replaceChildren(...shown);
      if (focused instanceof HTMLElement && list.contains(focused)) focused.focus({ preventScroll: true });
    }
    search.refresh();
    const { traces: _, ...facts } = session;
    const drawn = JSON.stringify({ facts, earlier });
    if (drawn === drawnFacts) return;
    drawnFacts = drawn;
    head.replaceChildren(...drawHead(session), drawTurnLinks(session.session_id, earlier, traces.length));
    const more = button(
      `Show ${plural(Math.min(earlier, turnsAtOnce), 'earlier turn')}`,
      'They come before the first one below',
      () => {
        wanted += turnsAtOnce;
        refresh.call();
      },
    );
    rest.replaceChildren(...(earlier > 0 ? [more] : []));
  }

  const refresh = throttle(load, 700);
  load();
  return {
    follow(next) {
      goToTurn(Number(next.params.get('turn') ?? 0));
      return true;
    },
    changed: refresh.call,
    key(event) {
      if (event.key === 'Escape') {
        location.hash = hrefTo('sessions');
        return true;
      }
      if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return false;
      const links = [...element.querySelectorAll('.turn:not([hidden]) a.turn-link')];
      const at = links.indexOf(/** @type {Element} */ (document.activeElement));
      const target = links[Math.min(links.length - 1, Math.max(0, at + (event.key === 'ArrowDown' ? 1 : -1)))];
      if (target instanceof HTMLElement) {
        target.focus({ preventScroll: true });
        target.closest('li')?.scrollIntoView({ block: 'nearest' });
      }
      return true;
    },
    close() {
      request.abort();
      refresh.stop();
    },
  };
}

/** @param {SessionDetail} session */
function drawHead(session) {
  return [
    h(
      'div',
      { class: 'title' },
      h(
        'a',
        {
          class: 'back',
          href: hrefTo('sessions'),
          title: 'Back to the sessions (Esc)',
          'aria-label': 'Back to the sessions',
        },
        '←',
      ),
      h('h1', {}, session.session_id),
      statusSign(session.has_error ? 'ERROR' : 'OK'),
      ...session.tags.map(tagLink),
      h(
        'span',
        { class: 'tools' },
        copyButton(() => `${location.origin}/${hrefTo('session', session.session_id, { project })}`, 'Copy link'),
        button('Delete', 'Delete this session', () => removeSession(session)),
      ),
    ),
    h(
      'dl',
      { class: 'head-facts' },
      fact(
        'Traces',
        h('a', { href: hrefTo('traces', '', { session: session.session_id }) }, count(session.trace_count)),
      ),
      fact('First', exactTime(session.first_trace_at)),
      fact('Last', exactTime(session.last_trace_at ?? session.first_trace_at)),
      fact('Time in traces', duration(session.total_latency_ms)),
      fact('Spans', count(session.total_span_count)),
      fact('Tokens', count(session.total_tokens)),
      fact('Cost', money(session.total_cost)),
      ...(session.user_id === null
        ? []
        : [
            fact(
              'User',
              idCell(session.user_id, (user) => hrefTo('traces', '', { user })),
            ),
          ]),
    ),
  ];
}

/** @param {SessionDetail} session */
function removeSession({ session_id: id, trace_count: traces }) {
  confirmRemoval(
    `the session “${id}”`,
    `Its ${plural(traces, 'trace')} and their scores go with it.`,
    () => api.removeSession(id),
    () => go(hrefTo('sessions')),
  );
}

/**
 * Requests the newest turns first, because in a long session they are wanted most.
 *
 * @param {string} id
 * @param {number} wanted
 * @param {AbortSignal} signal
 */
async function newest(id, wanted, signal) {
  // The first answer has this many turns. If there are more, the last ones are requested.
  const session = await api.session(id, 0, Math.min(turnsAtOnce, wanted), signal);
  const offset = Math.max(0, session.trace_count - wanted);
  if (session.trace_count <= session.traces.length) return session;
  const traces = [];
  for (let at = offset; at < session.trace_count; at += turnsAtOnce) {
    traces.push(...(await api.session(id, at, turnsAtOnce, signal)).traces);
  }
  return { ...session, traces };
}

/** Links to the turns. @param {string} id @param {number} earlier how many turns are not shown @param {number} number */
function drawTurnLinks(id, earlier, number) {
  const links = Array.from({ length: number }, (_, at) => {
    const turn = String(earlier + at + 1);
    return h('a', { href: hrefTo('session', id, { turn }), 'aria-label': `Turn ${turn}` }, turn);
  });
  return h('nav', { class: 'turn-links', 'aria-label': 'Turns' }, 'Turn ', ...links);
}
