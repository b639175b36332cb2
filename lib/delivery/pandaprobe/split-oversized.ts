import { isObject, type JsonObject, parse } from '../text/json.js';

/** Bodies to send instead of one that was too large, in order. `notes`: what was removed. */
interface Split {
  readonly bodies: readonly string[];
  readonly notes: readonly string[];
}

/** Fields that may be large, in the order in which they are removed. */
const heavy: readonly (readonly string[])[] = [
  ['input', 'output'],
  ['metadata', 'model_parameters', 'error', 'reason'],
];

/**
 * Makes smaller bodies of one that is too large (413). Several spans become two halves, the trace with the first. With one span or
 * none, input and output are replaced by a note with their size, then the other large fields.
 * @returns undefined when nothing is left to remove
 */
export function splitOversized(body: string): Split | undefined {
  const value = parse(body);
  if (Array.isArray(value)) {
    const half = Math.ceil(value.length / 2);
    if (value.length > 1) return { bodies: [text(value.slice(0, half)), text(value.slice(half))], notes: [] };
    return isObject(value[0]) ? removeHeavyFields(value[0], () => text(value)) : undefined;
  }
  if (!isObject(value)) return undefined;
  const spans: unknown[] = Array.isArray(value.spans) ? value.spans : [];
  if (spans.length > 0) {
    const half = Math.floor(spans.length / 2);
    return { bodies: [text({ ...value, spans: spans.slice(0, half) }), text(spans.slice(half))], notes: [] };
  }
  return removeHeavyFields(value, () => text(value));
}

function removeHeavyFields(owner: JsonObject, whole: () => string): Split | undefined {
  for (const fields of heavy) {
    const notes: string[] = [];
    for (const field of fields) {
      if (owner[field] === undefined || isNote(owner[field])) continue;
      const bytes = Buffer.byteLength(text(owner[field]));
      const note = `[removed: ${bytes} bytes, more than the backend takes]`;
      if (bytes <= 2 * note.length) continue;
      owner[field] = field === 'metadata' || field === 'model_parameters' ? { removed: note } : note;
      notes.push(`${field} (${bytes} bytes) removed: the backend found the body too large`);
    }
    if (notes.length > 0) return { bodies: [whole()], notes };
  }
  return undefined;
}

function isNote(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('[removed: ');
}

function text(value: unknown): string {
  return JSON.stringify(value);
}
