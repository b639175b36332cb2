import { objectJson } from './object-json.js';
import type { JsonText } from './records.js';
import { type Captures, thrownText } from './thrown-text.js';

/** How many causes below an error, and how many members of an AggregateError, are recorded. */
const maxCauses = 5;
const maxMembers = 5;

/**
 * The metadata of a failed trace or span: under `exception` its class, message, codes, stack, cause and members.
 * Undefined for an error that is not an object: its text is recorded anyway. Never throws.
 */
export function exceptionMetadata(of: Captures, error: unknown): JsonText | undefined {
  const exception = details(of, error, maxCauses);
  return exception && objectJson(of.capture({ exception }, 'metadata'));
}

/** @param depth - how many causes below this error are recorded */
function details(of: Captures, error: unknown, depth: number): object | undefined {
  if (typeof error !== 'object' || error === null || depth < 0) return undefined;
  try {
    const { name, stack, cause, errors, error: laterError, suppressed, ...facts } = errorFields(error);
    const isSuppressed = name === 'SuppressedError';
    return {
      // A class that does not set `name` inherits that of its base class.
      type: name === 'Error' ? error.constructor.name : name,
      message: thrownText(of, error),
      ...facts,
      stack: typeof stack === 'string' ? of.text(stackLines(stack), 'error') || undefined : undefined,
      cause: inner(of, cause, depth),
      // A `using` block threw `suppressed`, then its resource threw `error` as it was disposed of.
      error: isSuppressed ? inner(of, laterError, depth) : undefined,
      suppressed: isSuppressed ? inner(of, suppressed, depth) : undefined,
      // Further members are usually like the first ones.
      errors: Array.isArray(errors) ? errors.slice(0, maxMembers).map((each) => inner(of, each, depth)) : undefined,
    };
  } catch {
    return undefined; // a getter of it threw
  }
}

/** An error within an error at `depth`. Anything may be thrown, so it may be a text or a number. */
function inner(of: Captures, error: unknown, depth: number): object | undefined {
  if (error === undefined || error === null || typeof error === 'object') return details(of, error, depth - 1);
  return { message: thrownText(of, error) };
}

/** The fields that are recorded besides the message: inner errors, and codes of failed calls to the system or the network. */
function errorFields(thrown: object) {
  const { name, stack, cause, errors, error, suppressed, code, syscall, hostname, address, port } = thrown as Record<
    string,
    unknown
  >;
  return { name, stack, cause, errors, error, suppressed, code, syscall, hostname, address, port };
}

/** How much of a stack is read, in characters, after its message, which may have any length. */
const maxStackChars = 20_000;
const maxStackLines = 10;

/** The lines of the stack, without those of Node and of this package. */
function stackLines(stack: string): string {
  const start = Math.max(0, stack.search(/^ +at /m));
  const lines = stack
    .slice(start, start + maxStackChars)
    .split('\n')
    .filter((line) => /^ +at (?!.*(?:node:|pandaprobe-ts[\\/]dist))/.test(line));
  return lines.slice(0, maxStackLines).join('\n').replace(/^ +/gm, '');
}
