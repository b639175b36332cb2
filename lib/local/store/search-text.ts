import { limitText } from '../../model/text.js';
import { isObject } from '../wire/fields.js';

/** How much of a text, and of all texts of a trace together, is indexed, in characters. The rest is not searched. */
const [maxText, maxTrace] = [50_000, 500_000];
/** A preview in a list, in characters. */
const maxPreview = 160;
/** Long Base64, alone or as a data URL, which has no words. (The lines of an event stream begin with `data:`, too.) */
const base64 = /^(?:data:[^,\s]{0,200};base64,|[\w+/=-]{1000})/;

/** A letter of a language without spaces between words, with its marks. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]\p{M}*/u;

/** Collects the words of a trace. Each text counts once, because every model call repeats the conversation so far. */
export class SearchText {
  readonly #texts = new Set<string>();
  #length = 0;

  /**
   * Adds every text and number in a JSON value, but not the names of fields. Without recursion, because values may be nested
   * deeply.
   */
  add(value: unknown): void {
    const waiting = [value];
    while (waiting.length > 0 && this.#length < maxTrace) {
      const next = waiting.pop();
      if (typeof next === 'string') this.#put(next);
      else if (typeof next === 'number') this.#put(String(next));
      else if (Array.isArray(next)) for (let at = next.length - 1; at >= 0; at -= 1) waiting.push(next[at]);
      else if (isObject(next)) for (const key in next) waiting.push(next[key]);
    }
  }

  get text(): string {
    return withSpaces([...this.#texts].join('\n'));
  }

  #put(text: string): void {
    if (text.length < 2 || (text.length > 1000 && base64.test(text))) return;
    const part = text.length > maxText ? text.slice(0, maxText) : text;
    if (this.#texts.has(part)) return;
    this.#texts.add(part);
    this.#length += part.length;
  }
}

/**
 * Puts spaces around each letter of a language that has none between words. So the index has each letter as a word, and a word of
 * them is found as a phrase.
 */
export function withSpaces(text: string): string {
  return unspaced.test(text) ? text.replaceAll(new RegExp(unspaced, 'gu'), ' $& ') : text;
}

/** The last message of an input, or the first of an output, in one line; null if there is no text. */
export function previewOf(value: unknown, which: 'first' | 'last'): string | null {
  let at = value;
  for (let depth = 0; depth < 12; depth += 1) {
    if (typeof at === 'string') return line(at);
    if (Array.isArray(at)) at = which === 'first' ? at[0] : at.at(-1);
    else if (isObject(at)) {
      const fields: Readonly<Record<string, unknown>> = at;
      const key = ['messages', 'contents', 'choices', 'message', 'content', 'parts', 'text'].find((name) => {
        return fields[name] !== undefined && fields[name] !== null && fields[name] !== '';
      });
      if (key === undefined) return line(JSON.stringify(at));
      at = fields[key];
    } else break;
  }
  return at === null || at === undefined ? null : line(JSON.stringify(at));
}

function line(text: string): string | null {
  const flat = limitText(text, maxPreview * 4)
    .replace(/\s+/g, ' ')
    .trim();
  if (flat === '') return null;
  const short = limitText(flat, maxPreview);
  return short === flat ? flat : `${short}…`;
}
