import { v4, validate } from 'uuid';
import { crypto } from './builtins.js';

/** A random id for a trace, span or request: UUID version 4, lower case. */
export function newId(): string {
  makeId ??= idMaker();
  return makeId();
}

let makeId: (() => string) | undefined;

/** Node's own function, which uuid calls as well, but through a getter and two checks each time. */
function idMaker(): () => string {
  try {
    const own = crypto();
    return () => own.randomUUID();
  } catch {
    return () => v4(); // another runtime
  }
}

/** Whether `value` is a UUID the backend accepts. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && validate(value);
}
