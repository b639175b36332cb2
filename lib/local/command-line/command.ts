import type { ParseArgsConfig } from 'node:util';
import type { CommandEnvironment } from '../environment.js';
import { LocalFailure } from '../failure.js';
import type { Terminal } from './terminal.js';

/** The value of an option, as it was given. */
export type OptionValue = string | boolean | readonly string[] | undefined;

/** The surroundings of a command: its options, arguments and terminal. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly environment: CommandEnvironment;
  readonly options: Readonly<Record<string, OptionValue>>;
  readonly args: readonly string[];
  /** Aborted when the user wants it to end. */
  readonly signal: AbortSignal;
}

/** One command. It throws LocalFailure if it cannot do its work. */
export interface Command {
  readonly name: string;
  /** A description of one line. */
  readonly summary: string;
  /** The arguments in the help, such as `<trace>`. */
  readonly usage?: string;
  readonly options: Readonly<Record<string, Option>>;
  readonly examples: readonly (readonly [line: string, what: string])[];
  /** How many arguments it takes. @defaultValue 0 */
  readonly maxArgs?: number;
  /** Kinds of arguments, for completion. */
  readonly argChoices?: readonly string[];
  /** @returns the exit code of the program that the command runs, if it runs one */
  run(context: CommandContext): Promise<number | undefined> | Promise<void>;
}

/** One option, with its line in the help. */
export type Option = NonNullable<ParseArgsConfig['options']>[string] & {
  /** The placeholder of its value in the help, such as `<file>`. */
  readonly value?: string;
  readonly about: string;
  /** All values that are allowed. */
  readonly choices?: readonly string[];
};

/** Options every command has. */
export const commonOptions: Readonly<Record<string, Option>> = {
  json: { type: 'boolean', about: 'print JSON: one object, or one on each line; errors, too' },
  help: { type: 'boolean', short: 'h', about: 'print this help' },
};

/** Options of commands that talk to a server. */
export const serverOptions: Readonly<Record<string, Option>> = {
  endpoint: {
    type: 'string',
    value: '<address>',
    about: 'the server (default $PANDAPROBE_ENDPOINT, else http://127.0.0.1:7263)',
  },
  key: { type: 'string', value: '<key>', about: 'the key of the server (default $PANDAPROBE_API_KEY)' },
  project: {
    type: 'string',
    value: '<name>',
    about: 'the project (default $PANDAPROBE_PROJECT_NAME, else the last used)',
  },
};

/** Options that select a page of a list. */
export const pageOptions: Readonly<Record<string, Option>> = {
  limit: { type: 'string', value: '<n>', about: 'how many, 1 to 200 (default 20)' },
  offset: { type: 'string', value: '<n>', about: 'how many to skip' },
};

/** The selected page of a list. @throws LocalFailure if a number is invalid */
export function pageOf(context: CommandContext): { readonly limit: number; readonly offset: number } {
  return {
    limit: wholeOption(context, 'limit', 1, 200) ?? 20,
    offset: wholeOption(context, 'offset', 0, Number.MAX_SAFE_INTEGER) ?? 0,
  };
}

/** An option's text; undefined when it was not given. @throws LocalFailure for an empty one */
export function textOption({ options }: CommandContext, name: string): string | undefined {
  const value = options[name];
  if (value === '') throw wrongOption(name, 'a text', value);
  return typeof value === 'string' ? value : undefined;
}

/** The texts of an option that may be repeated. @throws LocalFailure for an empty one */
export function textsOption({ options }: CommandContext, name: string): readonly string[] {
  const value = options[name];
  const texts = Array.isArray(value) ? (value as string[]) : []; // parsed as a list of texts
  if (texts.includes('')) throw wrongOption(name, 'a text', '');
  return texts;
}

/** Whether a switch was given. */
export function hasOption({ options }: CommandContext, name: string): boolean {
  return options[name] === true;
}

/** A whole number; undefined when it was not given. @throws LocalFailure for anything else, which names the option */
export function wholeOption(context: CommandContext, name: string, min: number, max: number): number | undefined {
  const text = textOption(context, name);
  if (text === undefined) return undefined;
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw wrongOption(name, `a whole number from ${min} to ${max}`, text);
}

/** One of a few words; case does not matter. @throws LocalFailure for any other word; the message names the option */
export function choiceOption<T extends string>(
  context: CommandContext,
  name: string,
  choices: readonly T[],
): T | undefined {
  const text = textOption(context, name);
  if (text === undefined) return undefined;
  const found = choices.find((choice) => choice.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return found;
  throw wrongOption(name, `one of ${choices.join(', ')}`, text);
}

/** The error for a wrong option: what was expected, and what came. */
export function wrongOption(name: string, expected: string, given: string): LocalFailure {
  return new LocalFailure('usage', `--${name} expects ${expected}, got ${JSON.stringify(given.slice(0, 200))}`);
}
