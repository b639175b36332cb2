import { maxLabelChars } from '../model/limits.js';

/** The result of checking a setting. `value` is the setting, for example without spaces around it. */
type CheckedSetting<T> = { readonly ok: true; readonly value: T } | { readonly ok: false };

/** The values that a setting may have: as an option (`check`), and as the text of a variable (`parse`). */
export interface Rule<T> {
  /** Completes "expected …". */
  readonly expected: string;
  check(given: unknown): CheckedSetting<T>;
  parse(read: string): CheckedSetting<T>;
}

const no = { ok: false } as const;
const yes = <T>(value: T): CheckedSetting<T> => ({ ok: true, value });

/** A rule for a text, the same for options and variables. `take` turns a valid text into the setting. */
export function textRule(
  expected: string,
  fits: (given: string) => boolean,
  take = (given: string) => given,
): Rule<string> {
  const check = (given: unknown) => (typeof given === 'string' && fits(given) ? yes(take(given)) : no);
  return { expected, check, parse: check };
}

/** An API key: a text that is valid in an HTTP header. Quotes around it come from a `.env` file by mistake, and are refused. */
export const apiKey = textRule(
  'a key of printable ASCII characters, without spaces and without quotes around it',
  (given) => /^(?!["'`])[\x21-\x7e]+(?<!["'`])$/.test(given.trim()),
  (given) => given.trim(),
);

/** A text that the backend takes as a label. */
export const shortText = textRule(
  `a text of 1 to ${maxLabelChars} characters`,
  (given) => given !== '' && [...given].length <= maxLabelChars,
);

/** Source: backend-contract.md, *Project name*. */
export const projectName = textRule(
  "a project name of 1 to 255 letters, digits, spaces, '-', '_', '.' or apostrophes that starts and ends with a letter or digit",
  (given) => given.length <= 255 && /^[A-Za-z0-9](?:[A-Za-z0-9 \-_.']*[A-Za-z0-9])?$/.test(given),
);

/** A boolean. Of a variable, `true`, `1` and `yes` are true; any other text is false. */
export const boolean: Rule<boolean> = {
  expected: 'true or false',
  check: (given) => (typeof given === 'boolean' ? yes(given) : no),
  parse: (read) => yes(['true', '1', 'yes'].includes(read.toLowerCase())),
};

/** A boolean. A variable with any text other than true, 1, yes, false, 0, no or off is invalid. */
export const strictBoolean: Rule<boolean> = {
  ...boolean,
  parse: (read) => (/^(true|1|yes|false|0|no|off)$/i.test(read) ? boolean.parse(read) : no),
};

/** A number from 0 to 1. */
export const fraction: Rule<number> = {
  expected: 'a number from 0 to 1',
  check: (given) => (typeof given === 'number' && given >= 0 && given <= 1 ? yes(given) : no),
  parse: (read) => fraction.check(Number(read)),
};

/** A number in a range, multiplied by `scale` (seconds to milliseconds) and rounded. */
export function integer(least: number, most: number, scale = 1): Rule<number> {
  const check = (given: unknown): CheckedSetting<number> => {
    if (typeof given !== 'number' || !(given >= least && given <= most)) return no;
    return scale === 1 && !Number.isInteger(given) ? no : yes(Math.round(given * scale));
  };
  const kind = scale === 1 ? 'a whole number' : 'a number of seconds';
  return { expected: `${kind} from ${least} to ${most}`, check, parse: (read) => check(Number(read)) };
}

/** One of a few words. */
export function oneOf<T extends string>(...words: readonly T[]): Rule<T> {
  const check = (given: unknown): CheckedSetting<T> => {
    const found = words.find((word) => word === given);
    return found === undefined ? no : yes(found);
  };
  return { expected: words.map((word) => `'${word}'`).join(', '), check, parse: (read) => check(read.toLowerCase()) };
}

/** A {@link strictBoolean}, or `auto`. */
export const booleanOrAuto: Rule<boolean | 'auto'> = {
  expected: "true, false or 'auto'",
  check: (given) => (given === 'auto' ? yes(given) : boolean.check(given)),
  parse: (read) => (/^auto$/i.test(read) ? yes('auto') : strictBoolean.parse(read)),
};
