import { isObject, parse } from './json.js';
import type { Redact } from './redact.js';

/** Most characters of foreign text in a log line. */
const mostShown = 200;
/** The same for an HTML page, which has few words worth showing. */
const mostOfPage = 80;
/** Most characters that are read of foreign text; later ones would not be shown, and searching all of a long text takes long. */
export const mostRead = 4096;

/**
 * An excerpt of a response body for one log line: the message of its JSON, or the first words of its page. Control characters
 * are escaped. Secrets are removed before the text is cut, because a cut secret would not be found.
 */
export function excerptOf(text: string, redact: Redact): string {
  const body = parse(text);
  const words = saying(body, 0);
  if (words !== '') return shown(words, mostShown, redact);
  const head = text.slice(0, mostRead);
  return shown(body === undefined ? plain(head) : head, mostOfPage, redact);
}

/** The same for other foreign text, such as a header. */
export function shown(text: string, most: number, redact: Redact): string {
  const clean = redact(text.slice(0, mostRead));
  const cut = clean.length > most ? `${clean.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…` : clean;
  return escaped(cut);
}

/** Fields of JSON that contain an error message. Source: backend-contract.md, *Validation error*; `msg` is FastAPI's own, the others are common. */
const telling = ['detail', 'error', 'message', 'msg', 'title', 'reason', 'code'];

function saying(body: unknown, depth: number): string {
  if (typeof body === 'string') return body;
  if (depth > 3) return '';
  if (Array.isArray(body)) return saying(body[0], depth + 1);
  if (!isObject(body)) return '';
  const [complaint]: unknown[] = Array.isArray(body.errors) ? body.errors : [];
  const field = isObject(complaint) && typeof complaint.field === 'string' ? `${complaint.field}: ` : '';
  const about = complaint === undefined ? '' : field + saying(complaint, depth + 1);
  for (const key of telling) {
    const words = Object.hasOwn(body, key) ? saying(body[key], depth + 1) : '';
    if (words !== '') return about === '' ? words : `${words}; ${about}`;
  }
  return about;
}

/** The words of an HTML page. */
function plain(text: string): string {
  return text
    .replace(/<(script|style)\b[^>]*>.*?(<\/\1\s*>|$)/gis, ' ')
    .replace(/<[^>]*(>|$)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Control characters, line ends of Unicode, characters that turn the direction of writing, invisible characters. */
const unseen = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(text: string): string {
  return text.replace(unseen, (char) => named[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
