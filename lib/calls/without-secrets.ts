import { isFields } from './read-unknown.js';

/** Names of fields that may hold a secret or identify a user. `max_tokens` and the like do not match. */
const secretKeys =
  /(?:api|private|access|secret)[-_]?key|secret|password|authorization|credential|bearer|cookie|token$|^(?:end[-_]?)?user(?:[-_]?id)?$|^metadata$/i;

/** Values nested deeper are left out. Free fields are a few settings, and hardly nested. */
const maxDepth = 10;

/** Removes fields whose name says that they hold a secret or a user. For objects whose fields are not known in advance. */
export function withoutSecrets(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxDepth) return undefined;
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, depth + 1));
  if (!isFields(value) || ArrayBuffer.isView(value)) return value;
  const open = Object.entries(value).filter(([key]) => !secretKeys.test(key));
  return Object.fromEntries(open.map(([key, item]) => [key, withoutSecrets(item, depth + 1)]));
}
