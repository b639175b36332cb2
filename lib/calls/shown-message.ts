import { fields, list } from './read-unknown.js';

/** Whether a value consists of one message, which is the one that `whole` has: both give the same text. */
export function isOnlyMessage(value: unknown, whole: unknown): boolean {
  const { messages } = fields(value);
  const [message] = list(fields(whole).messages);
  const isOnly = Array.isArray(messages) && messages.length === 1 && messages[0] === message;
  return isOnly && Object.keys(fields(value)).length === 1;
}
