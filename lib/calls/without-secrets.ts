import { isFields } from './read-unknown.js';

/** Names of secrets, and of users. `max_tokens` and the like are none. */
const secretKeys =
  /(?:api|private|access|secret)[-_]?key|secret|password|authorization|credential|bearer|cookie|token$|^(?:end[-_]?)?user(?:[-_]?id)?$|^metadata$/i;

/** Deeper values are left out: free fields are a few settings. */
const maxDepth = 10;

/** Free fields without those named like a secret or a user. */
export function withoutSecrets(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxDepth) return undefined;
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, depth + 1));
  if (!isFields(value) || ArrayBuffer.isView(value)) return value;
  const open = Object.entries(value).filter(([key]) => !secretKeys.test(key));
  return Object.fromEntries(open.map(([key, item]) => [key, withoutSecrets(item, depth + 1)]));
}
