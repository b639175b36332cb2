import type { JsonObject } from './fields.js';
import { formatTime, type Micros } from './time.js';

/*
 * Faults that the platform accepts and that then break something: it answers 202 and loses the trace, or stores it and can no
 * longer list the project. The local server refuses such requests, so that the faults show where they are made. Each function
 * returns the reason, or undefined. Source: backend-contract.md, *What breaks a project*.
 */

/** Bytes of a tag that its index can hold, rounded down. */
const maxTagBytes = 2600;
/** PostgreSQL's `integer`. */
const maxInteger = 2_147_483_647;
/** Sums of larger costs may be more than a double holds. */
const maxCost = 1e300;
/** The year 1 and one millisecond. */
const firstTime: Micros = -62_135_596_799_999_000;
/** Characters of a score's name and of its value. */
const maxScoreChars = 255;

/** Deepest nesting of a body. */
export const maxDepth = 255;

export function tagFault(tag: string): string | undefined {
  return Buffer.byteLength(tag) > maxTagBytes
    ? `Tag of more than ${maxTagBytes} bytes: the platform answers 202 and loses the trace`
    : undefined;
}

export function tokenFault(usage: JsonObject): string | undefined {
  const counts = [usage.prompt_tokens, usage.completion_tokens].filter((each) => each !== undefined && each !== null);
  const numbers = counts.map((each) =>
    typeof each === 'number' || typeof each === 'string' ? integer(String(each)) : Number.NaN,
  );
  const sum = numbers.reduce((all, each) => all + each, 0);
  const fits = [...numbers, sum].every((each) => Math.abs(each) <= maxInteger); // false for NaN
  return fits
    ? undefined
    : `prompt_tokens and completion_tokens should be whole numbers of at most ${maxInteger}, together as well: the platform could not list this project any more`;
}

function integer(text: string): number {
  return /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : Number.NaN;
}

export function costFault(total: number): string | undefined {
  return Math.abs(total) > maxCost
    ? `Cost of more than ${maxCost}: the platform could not list this project any more`
    : undefined;
}

export function timeFault(time: Micros): string | undefined {
  return time < firstTime
    ? `Time before ${formatTime(firstTime)}: the platform could not list this project any more`
    : undefined;
}

/** The fault of a valid NUMERIC score that the platform's summary cannot read. */
export function underflowFault(value: string): string | undefined {
  const [digits = ''] = value.toLowerCase().split('e');
  return Number(value) === 0 && /[1-9]/.test(digits)
    ? `Value error, NUMERIC score is too small to be read, got '${value}': the platform could not sum the scores up any more`
    : undefined;
}

/** The fault of a score to which the platform always answers 500. */
export function scoreLengthFault(texts: {
  readonly name?: string;
  readonly value?: string | undefined;
}): string | undefined {
  const long = Object.entries(texts).find(([, text]) => [...(text ?? '')].length > maxScoreChars);
  return long === undefined
    ? undefined
    : `Internal server error: the ${long[0]} of a score has more than ${maxScoreChars} characters, to which the platform answers 500 each time`;
}
