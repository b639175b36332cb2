import { type Fields, fields, isFields, list } from '../read-unknown.js';

/**
 * What the moderation of a call found in its input and its output: the flagged categories, or why it failed; undefined if it
 * found nothing. Source: OpenAI API reference, `Response` and `ChatCompletion`, `moderation`.
 */
export function moderated(moderation: unknown): Fields | undefined {
  if (!isFields(moderation)) return undefined;
  const sides = [finding(moderation.input), finding(moderation.output)] as const;
  if (sides.every((side) => list(side).length === 0 && !isFields(side))) return undefined;
  return { input: sides[0], output: sides[1] };
}

function finding(result: unknown): unknown {
  const { type, message, code, categories } = fields(result);
  return type === 'error' ? { error: message ?? code } : flaggedCategories(categories);
}

/** The names of the categories that apply. */
export function flaggedCategories(categories: unknown): readonly string[] {
  return Object.entries(fields(categories)).flatMap(([name, is]) => (is === true ? name : []));
}
