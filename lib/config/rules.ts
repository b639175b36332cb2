/** Whether a value fits, and what it is taken for. */
export type Verdict<T> = { readonly ok: true; readonly value: T } | { readonly ok: false };

/** What one setting may be: as an option (`check`) and as the text of a variable (`parse`). */
export interface Rule<T> {
  /** Completes "expected …". */
  readonly expected: string;
  check(given: unknown): Verdict<T>;
  parse(read: string): Verdict<T>;
}

const no = { ok: false } as const;
const yes = <T>(value: T): Verdict<T> => ({ ok: true, value });

/** A text that may stand in an HTTP header. */
export const text: Rule<string> = {
  expected: 'a text of printable ASCII characters without spaces',
  check: (given) => (typeof given === 'string' && /^[\x21-\x7e]+$/.test(given.trim()) ? yes(given.trim()) : no),
  parse: (read) => text.check(read),
};

/** Up to 255 characters. Source: the backend's contract for environment and release. */
export const shortText: Rule<string> = {
  expected: 'a text of 1 to 255 characters',
  check: (given) => (typeof given === 'string' && given !== '' && [...given].length <= 255 ? yes(given) : no),
  parse: (read) => shortText.check(read),
};

/** Source: the backend answers 422 to every request whose project name breaks this. */
export const projectName: Rule<string> = {
  expected:
    "a project name of 1 to 255 letters, digits, spaces, '-', '_', '.' or apostrophes that starts and ends with a letter or digit",
  check: (given) =>
    typeof given === 'string' && given.length <= 255 && /^[A-Za-z0-9](?:[A-Za-z0-9 \-_.']*[A-Za-z0-9])?$/.test(given)
      ? yes(given)
      : no,
  parse: (read) => projectName.check(read),
};

/** An HTTP address; the slash at its end is dropped. */
export const httpUrl: Rule<string> = {
  expected: 'an address that starts with http:// or https://',
  check: (given) => {
    if (typeof given !== 'string' || !URL.canParse(given)) return no;
    const { protocol } = new URL(given);
    return protocol === 'http:' || protocol === 'https:' ? yes(given.replace(/\/+$/, '')) : no;
  },
  parse: (read) => httpUrl.check(read),
};

/** The path of a folder, absolute or from the current one. */
export const folder: Rule<string> = {
  expected: 'the path of a folder',
  check: (given) => (typeof given === 'string' && given.trim() !== '' && !given.includes('\0') ? yes(given) : no),
  parse: (read) => folder.check(read),
};

/** `true`, `1` and `yes` are on; any other text of a variable is off. */
export const truth: Rule<boolean> = {
  expected: 'true or false',
  check: (given) => (typeof given === 'boolean' ? yes(given) : no),
  parse: (read) => yes(['true', '1', 'yes'].includes(read.toLowerCase())),
};

/** A number from 0 to 1. */
export const fraction: Rule<number> = {
  expected: 'a number from 0 to 1',
  check: (given) => (typeof given === 'number' && given >= 0 && given <= 1 ? yes(given) : no),
  parse: (read) => fraction.check(Number(read)),
};

/** A number in a range, multiplied by `scale` (seconds to milliseconds) and rounded. */
export function whole(least: number, most: number, scale = 1): Rule<number> {
  const check = (given: unknown): Verdict<number> => {
    if (typeof given !== 'number' || !(given >= least && given <= most)) return no;
    return scale === 1 && !Number.isInteger(given) ? no : yes(Math.round(given * scale));
  };
  const kind = scale === 1 ? 'a whole number' : 'a number of seconds';
  return { expected: `${kind} from ${least} to ${most}`, check, parse: (read) => check(Number(read)) };
}

/** One of a few words. */
export function choice<T extends string>(...words: readonly T[]): Rule<T> {
  const check = (given: unknown): Verdict<T> => {
    const found = words.find((word) => word === given);
    return found === undefined ? no : yes(found);
  };
  return { expected: words.map((word) => `'${word}'`).join(', '), check, parse: (read) => check(read.toLowerCase()) };
}
