// The head of a trace: its name, its facts, and the buttons for the whole trace.

import { api, project } from '../core/api.js';
import { confirmRemoval } from '../core/confirm.js';
import { h } from '../core/dom.js';
import { download } from '../core/files.js';
import { count, exactTime, money, plural } from '../core/format.js';
import { button, copyButton } from '../core/notice.js';
import { go, hrefTo, visited } from '../core/route.js';
import { fact, statusSign } from '../core/signs.js';
import { tagLink } from '../list/cells.js';
import { openScoreForm } from './score-form.js';
import { traceTookOf } from './span-tree.js';

/** @import {Score, Trace} from '../shapes.js' */

/** @param {Trace} trace @param {readonly Score[]} scores @param {() => Trace} current what is copied and saved @param {boolean} isStored */
export function drawHead(trace, scores, current, isStored) {
  const sum = (/** @type {(span: Trace['spans'][number]) => unknown} */ of) =>
    trace.spans.reduce((total, span) => total + (Number(of(span) ?? 0) || 0), 0);
  const tokens = sum((span) => span.token_usage?.prompt_tokens) + sum((span) => span.token_usage?.completion_tokens);
  const cost = sum((span) => span.cost?.total);
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
        copyButton(() => JSON.stringify(current(), null, 2), 'Copy trace'),
        button('Download', 'Save this trace as a file', () => download(current(), scores)),
        isStored && button('Score', 'Score this trace', () => openScoreForm(trace.trace_id)),
        isStored && linkButton('Compare', 'Compare with another run', hrefTo('compare', trace.trace_id, { project })),
        isStored && copyButton(() => `${location.origin}/${hrefTo('trace', trace.trace_id, { project })}`, 'Copy link'),
        isStored && button('Delete', 'Delete this trace', () => removeTrace(current())),
      ),
    ),
    h(
      'dl',
      { class: 'head-facts' },
      fact('Started', exactTime(trace.started_at)),
      fact('Duration', traceTookOf(trace)),
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

/** @param {string} text @param {string} title @param {string} href */
function linkButton(text, title, href) {
  return h('a', { class: 'button small', title, href }, text);
}

/** @param {Trace} trace */
function removeTrace({ name, trace_id: id, spans }) {
  confirmRemoval(
    `the trace “${name}”`,
    `Its ${plural(spans.length, 'span')} and its scores go with it.`,
    () => api.removeTrace(id),
    () => go(visited.list),
  );
}
