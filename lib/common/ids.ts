import { v4, validate } from 'uuid';

/** A random id for a trace, span or request: UUID version 4, lower case. */
export function newId(): string {
  return v4();
}

/** Whether `value` is a UUID the backend accepts. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && validate(value);
}
