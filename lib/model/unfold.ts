import { reservedBytes } from './bounded-json.js';
import { captureJson } from './capture.js';
import { byteLength, quote } from './capture-text.js';
import { boundMark, foldAt, foldMark, quoteFolds } from './folded-text.js';
import type { CapturedText, JsonText } from './records.js';

const anyMark = /[\u0001-\u0003]/g;

/** Returns the JSON text of a captured text: every string quoted, without null characters, and every value cut to its limit. */
export function unfold(text: CapturedText): JsonText {
  if (!text.includes(boundMark)) return quoteFolds(text) as JsonText; // everything is quoted now
  let json = '';
  let done = 0;
  /** The JSON text before the current bound value. */
  let outside = '';
  let maxBytes = 0;
  for (let at = markFrom(text, 0); at >= 0; at = markFrom(text, done)) {
    json += text.slice(done, at);
    if (text[at] === foldMark) {
      const { start, end } = foldAt(text, at);
      json += quote(text.slice(start, end));
      done = end;
    } else if (text[at] === boundMark) {
      done = text.indexOf(':', at) + 1 || text.length;
      maxBytes = Number(text.slice(at + 1, done - 1));
      outside = json;
      json = '';
    } else {
      done = at + 1;
      json = outside + withinBytes(json, maxBytes);
      outside = '';
    }
  }
  return (outside + json + text.slice(done)) as JsonText; // everything is quoted now
}

function markFrom(text: string, at: number): number {
  anyMark.lastIndex = at;
  return anyMark.exec(text)?.index ?? -1;
}

function withinBytes(json: string, maxBytes: number): string {
  return byteLength(json) <= maxBytes - reservedBytes ? json : captureJson(JSON.parse(json), { maxBytes });
}
