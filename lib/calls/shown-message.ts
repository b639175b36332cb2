import { fields, list } from './read-unknown.js';

/** Whether `value` is `{ messages }` with one message, and `whole` begins with the same message: then both give the same text. */
export function isOnlyMessage(value: unknown, whole: unknown): boolean {
  const { messages } = fields(value);
  const [message] = list(fields(whole).messages);
  const isOnly = Array.isArray(messages) && messages.length === 1 && messages[0] === message;
  return isOnly && Object.keys(fields(value)).length === 1;
}
