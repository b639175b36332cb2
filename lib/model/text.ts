import { maxNameChars } from './limits.js';

/** Most bytes in UTF-8 of one UTF-16 unit. */
export const maxBytesPerUnit = 3;

/** Lone surrogates: in Unicode mode, a pair is one character and does not match. */
const forbidden = /[\0\ud800-\udfff]/gu;

/** `text` without null characters and lone surrogates, which the backend cannot store or parse. */
export function cleanText(text: string): string {
  return text.isWellFormed() && !text.includes('\0') ? text : text.replace(forbidden, '');
}

/** `text` cut to at most `maxChars` code points, never in the middle of one. */
export function limitText(text: string, maxChars: number): string {
  // A code point is one or two units, so a text short in units is short in code points.
  if (text.length <= maxChars) return text;
  let end = 0;
  for (let chars = 0; chars < maxChars && end < text.length; chars += 1) {
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  }
  return end >= text.length ? text : text.slice(0, end);
}

/** The start of a text: at most `maxUnits` UTF-16 units, without half of a surrogate pair at its end. */
export function startOf(text: string, maxUnits: number): string {
  const isSplit = maxUnits < text.length && (text.codePointAt(maxUnits - 1) ?? 0) > 0xffff;
  return text.slice(0, isSplit ? maxUnits - 1 : maxUnits);
}

/** Why a name was repaired. */
export type NameFault = 'not a string' | 'empty' | 'too long' | 'not well-formed';

/**
 * A name that the backend accepts: `name`, cleaned and cut to 512 code points if needed, or `fallback`, which must be valid, if
 * nothing is left of it. `repaired` is called with the reason of a change.
 */
export function repairName(name: unknown, fallback: string, repaired?: (fault: NameFault) => void): string {
  if (typeof name !== 'string') {
    repaired?.('not a string');
    return fallback;
  }
  const clean = cleanText(name);
  if (clean.trim() === '') {
    repaired?.('empty');
    return fallback;
  }
  const short = limitText(clean, maxNameChars);
  if (short !== name) repaired?.(clean === name ? 'too long' : 'not well-formed');
  return short;
}
