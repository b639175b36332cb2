import { type Fields, fields, isFields } from '../read-unknown.js';

/*
 * Nearly all chunks of a stream add a text or a piece of a tool call to one choice, and have nothing else in them. Such a chunk is
 * recognized by the names of its fields. Looking in it for every field that any server may send would take several times as long.
 * The names are compared by `switch`, which takes a third of the time of a `Set`.
 */

/** A delta that is a text alone, or pieces of tool calls alone. */
export type PlainDelta =
  | { readonly content: string }
  | { readonly content?: null; readonly tool_calls: readonly unknown[] };

/** A choice with a plain delta, and without anything else. */
interface PlainChoice {
  readonly index?: unknown;
  readonly delta: PlainDelta;
}

/** The only choice of a chunk, if the chunk has nothing but a plain delta for it; else undefined. */
export function plainChoice(chunk: Fields): PlainChoice | undefined {
  const { choices } = chunk;
  if (!Array.isArray(choices) || choices.length !== 1 || !hasOnly(chunk, isOfChunk)) return undefined;
  const choice = fields(choices[0]);
  const { delta } = choice;
  return isFields(delta) && isPlain(delta) && hasOnly(choice, isOfChoice)
    ? (choice as unknown as PlainChoice)
    : undefined; // the form was checked above
}

export function isPlain(delta: Fields): delta is Fields & PlainDelta {
  const { content, tool_calls } = delta;
  const isOne = typeof content === 'string' ? isEmpty(tool_calls) : isEmpty(content) && Array.isArray(tool_calls);
  return isOne && hasOnly(delta, isOfDelta);
}

const isEmpty = (value: unknown): value is null | undefined => value === null || value === undefined;

/** Whether all fields but the known ones are empty. Instances of classes are not looked at: `for` does not find their getters. */
function hasOnly(source: Fields, isKnown: (name: string) => boolean): boolean {
  if (Object.getPrototypeOf(source) !== Object.prototype) return false;
  for (const name in source) {
    if (!isKnown(name) && !isEmpty(source[name])) return false;
  }
  return true;
}

/** The fields of OpenAI's own chunks. Source: OpenAI API reference, *The chat completion chunk object*. */
function isOfChunk(name: string): boolean {
  switch (name) {
    case 'id':
    case 'object':
    case 'created':
    case 'model':
    case 'choices':
    case 'system_fingerprint':
    case 'service_tier':
    case 'obfuscation':
      return true;
    default:
      return false;
  }
}

/** Without `finish_reason`, which is null while the choice goes on. */
function isOfChoice(name: string): boolean {
  return name === 'index' || name === 'delta' || name === 'logprobs';
}

function isOfDelta(name: string): boolean {
  return name === 'content' || name === 'role' || name === 'tool_calls';
}
