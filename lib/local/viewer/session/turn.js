// One turn of a session: the question, the steps, the answer.

import { h } from '../core/dom.js';
import { count, exactTime } from '../core/format.js';
import { hrefTo } from '../core/route.js';
import { kindSign, statusSign } from '../core/signs.js';
import { buildTree, traceTookOf } from '../trace/span-tree.js';
import { drawConversation } from '../values/conversation.js';
import { drawError } from '../values/error-box.js';
import { drawJson, drawText } from '../values/json-tree.js';
import { conversationOf } from '../values/messages.js';

/** @import {Trace} from '../shapes.js' */

/** @param {Trace} trace @param {number} number */
export function drawTurn(trace, number) {
  const { origin } = buildTree(trace, Date.now());
  return h(
    'li',
    { class: 'turn', id: `turn-${number}`, 'data-failed': trace.status === 'ERROR' },
    side('user', trace.input),
    h(
      'a',
      { class: 'turn-link', href: hrefTo('trace', trace.trace_id), title: 'Open this trace' },
      h('span', { class: 'turn-number' }, String(number)),
      statusSign(trace.status),
      h('strong', {}, trace.name),
      h('span', { class: 'steps' }, ...stepsOf(trace)),
      h('span', { class: 'muted' }, traceTookOf(trace)),
      h('time', { class: 'muted', datetime: trace.started_at }, exactTime(trace.started_at).slice(0, -4)),
    ),
    trace.status === 'ERROR' &&
      drawError(origin?.span?.error ?? trace.metadata.error, (origin?.span ?? trace).metadata, origin?.name),
    side('assistant', trace.output),
  );
}

/** How many spans of which kind. @param {Trace} trace */
function stepsOf(trace) {
  /** @type {Map<string, number>} */
  const kinds = new Map();
  for (const { kind } of trace.spans) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return [...kinds].map(([kind, number]) =>
    h('span', { class: 'step', 'aria-label': `${number} ${kind.toLowerCase()}` }, kindSign(kind), count(number)),
  );
}

/** @param {string} role the role if the value does not name one @param {unknown} value */
function side(role, value) {
  if (value === null || value === undefined) return null;
  const found = conversationOf(value);
  if (found !== undefined) return drawConversation(found.messages);
  const message = h(
    'div',
    { class: 'message', 'data-role': role, role: 'listitem' },
    h('div', { class: 'who' }, role === 'user' ? 'input' : 'output'),
    h('div', { class: 'said' }, typeof value === 'string' ? drawText(value) : drawJson(value)),
  );
  return h('div', { class: 'conversation', role: 'list' }, message);
}
