import { foldAt, foldMark } from './folded-text.js';

/*
 * Finds the positions of values in JSON text that this package has written, without parsing it to objects. Strings in it may be
 * folded (folded-text.ts), but nothing in it is bound. There is no white space between the tokens of the object or list that is
 * walked.
 */

const doubleQuote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const mark = foldMark.charCodeAt(0);

/**
 * Calls `take` for each field of the object that begins at `at`, with the field's name and the start and end of its value.
 *
 * @returns the end of the object
 * @throws SyntaxError if the text is no such object
 */
export function eachField(text: string, at: number, take: (name: string, start: number, end: number) => void): number {
  if (text.charCodeAt(at) !== openBrace) throw unexpected();
  let next = at + 1;
  if (text.charCodeAt(next) === closeBrace) return next + 1;
  for (;;) {
    const nameEnd = stringEnd(text, next);
    const start = nameEnd + 1; // after the colon
    const end = valueEnd(text, start);
    take(text.slice(next + 1, nameEnd - 1), start, end);
    const unit = text.charCodeAt(end);
    if (unit === closeBrace) return end + 1;
    if (unit !== comma) throw unexpected();
    next = end + 1;
  }
}

/**
 * Calls `take` for each value of the list that begins at `at`, with the start of the value. `take` returns the end of the value.
 *
 * @throws SyntaxError if the text is no such list
 */
export function eachItem(text: string, at: number, take: (start: number) => number): void {
  if (text.charCodeAt(at) !== openBracket) throw unexpected();
  let next = at + 1;
  if (text.charCodeAt(next) === closeBracket) return;
  for (;;) {
    const end = take(next);
    const unit = text.charCodeAt(end);
    if (unit === closeBracket) return;
    if (unit !== comma) throw unexpected();
    next = end + 1;
  }
}

/** The end of the value that begins at `at`. @throws SyntaxError if it has no end */
export function valueEnd(text: string, at: number): number {
  let depth = 0;
  let next = at;
  while (next < text.length) {
    const unit = text.charCodeAt(next);
    if (unit === doubleQuote) next = stringEnd(text, next);
    else if (unit === mark) next = foldAt(text, next).end;
    else if (unit === openBrace || unit === openBracket) {
      depth += 1;
      next += 1;
      continue;
    } else if (unit === closeBrace || unit === closeBracket) {
      if (depth === 0) return next; // after a number or a word
      depth -= 1;
      next += 1;
    } else if (unit === comma && depth === 0) return next;
    else {
      next += 1;
      continue;
    }
    if (depth === 0) return next;
  }
  throw unexpected();
}

/** The end of the string whose opening quote is at `at`. */
function stringEnd(text: string, at: number): number {
  if (text.charCodeAt(at) !== doubleQuote) throw unexpected();
  for (let end = text.indexOf('"', at + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text.charCodeAt(before) === backslash) before -= 1;
    if ((end - before) % 2 === 1) return end + 1;
  }
  throw unexpected();
}

/** The text of a string's JSON text, or of a folded one. */
export function stringOf(json: string): string {
  if (json.charCodeAt(0) === mark) {
    const { start, end } = foldAt(json, 0);
    return json.slice(start, end);
  }
  return json.includes('\\') ? (JSON.parse(json) as string) : json.slice(1, -1); // a string, as its first character says
}

/** Whether a value is a string, folded or not. */
export function isString(json: string): boolean {
  const unit = json.charCodeAt(0);
  return unit === mark || unit === doubleQuote;
}

function unexpected(): SyntaxError {
  return new SyntaxError('this is no JSON text of this package');
}
