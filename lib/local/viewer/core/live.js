// Follows `GET /local/events`: the server says which trace was stored. Read with fetch and not with EventSource, which
// can send no key.

import { headers } from './api.js';
import { byId } from './dom.js';

/** @import {Change} from '../shapes.js' */

const longestPauseMs = 15_000;
const askAgainMs = 5000;
// Connections for events (lines) that all pages of this browser share. A browser opens only six to one server; two stay free for the
// pages' other requests.
const lines = 4;

/**
 * Calls back for every change while the page is visible, and reconnects after the server was gone. A hidden tab holds no
 * connection. If there are more visible tabs than lines, the others connect for a moment again and again. After a time without
 * connection, `onChange` is called with undefined, because anything may have changed.
 *
 * @param {(change: Change | undefined) => void} onChange
 * @param {() => void} onFirst connected for the first time
 */
export async function follow(onChange, onFirst) {
  let pauseMs = 1000;
  let isFirst = true;
  for (;;) {
    await untilVisible();
    const wasEndedHere = await onLine(once);
    if (wasEndedHere) continue;
    say('offline');
    await pause(pauseMs);
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }

  /**
   * @param {boolean} hasLine whether the connection may stay open
   * @returns {Promise<boolean>} whether this page ended the connection, not the server
   */
  async function once(hasLine) {
    const request = new AbortController();
    const hide = () => document.hidden && request.abort();
    document.addEventListener('visibilitychange', hide);
    try {
      const answer = await fetch('/local/events', { headers: headers(), cache: 'no-store', signal: request.signal });
      if (answer.ok && answer.body !== null) {
        if (!hasLine) request.abort();
        say('live');
        pauseMs = 1000;
        if (isFirst) onFirst();
        else onChange(undefined);
        isFirst = false;
        if (hasLine) await readEvents(answer.body, onChange);
        else await pause(askAgainMs);
      }
    } catch {
      // The server went away or the tab was hidden: tried again.
    }
    document.removeEventListener('visibilitychange', hide);
    return request.signal.aborted;
  }
}

/**
 * Calls `work` with true if one of the shared lines is free, else with false. A browser without locks (on a page without https) or
 * with blocked storage cannot share lines: there each page has one.
 *
 * @param {(hasLine: boolean) => Promise<boolean>} work
 * @param {number} line
 * @returns {Promise<boolean>}
 */
async function onLine(work, line = 0) {
  if (line === lines) return work(false);
  let isAsked = false;
  try {
    const answer = await navigator.locks.request(`pandaprobe-live-${line}`, { ifAvailable: true }, (lock) => {
      isAsked = true;
      return lock === null ? undefined : work(true);
    });
    return answer ?? onLine(work, line + 1);
  } catch (error) {
    if (isAsked) throw error;
    return work(true);
  }
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function untilVisible() {
  return new Promise((resolve) => {
    if (!document.hidden) resolve(undefined);
    else document.addEventListener('visibilitychange', resolve, { once: true });
  });
}

/**
 * @param {ReadableStream<Uint8Array>} body
 * @param {(change: Change) => void} onChange
 */
async function readEvents(body, onChange) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const events = text.split(/\r?\n\r?\n/);
    text = events.pop() ?? '';
    for (const event of events) {
      const change = changeOf(event);
      if (change !== undefined) onChange(change);
    }
  }
}

/**
 * @param {string} event
 * @returns {Change | undefined} nothing for a comment or an event of another kind
 */
function changeOf(event) {
  const lines = event.split(/\r?\n/).filter((line) => line.startsWith('data:'));
  if (lines.length === 0) return undefined;
  try {
    const change = JSON.parse(lines.map((line) => line.slice(5)).join('\n'));
    return typeof change?.trace_id === 'string' ? change : undefined;
  } catch {
    return undefined;
  }
}

/** @param {'live' | 'offline'} state */
function say(state) {
  const sign = byId('live');
  if (sign.dataset.state === state) return;
  sign.dataset.state = state;
  sign.textContent = state;
  sign.title = state === 'live' ? 'New traces appear by themselves' : 'The server does not answer; trying again';
}
