import type { ValueOwner } from '../model/capture-values.js';
import { maxLabelChars, maxNameChars } from '../model/limits.js';
import { limitText, repairName } from '../model/text.js';
import type { Recorder } from './recorder.js';
import type { SpanNode } from './span-node.js';

/*
 * Turns the names, labels and tags of callers, which may be any value, into ones that the backend accepts. Unusable ones are
 * repaired or left out, with one warning. Nothing here throws.
 */

/** A name of 1 to 512 characters. */
export function nameText(recorder: Recorder, name: string, fallback: 'span' | 'trace', owner: ValueOwner): string {
  const masked = typeof name === 'string' ? recorder.text(name, 'name', owner) : name;
  return repairName(masked, fallback, (fault) => {
    recorder.log.warn(
      `${fallback} name`,
      `expected the name of a ${fallback} with 1 to ${maxNameChars} characters, got one that is ${fault}; it is repaired`,
    );
  });
}

/** A model's name of up to 255 characters. */
export function modelText(node: SpanNode, model: unknown): string | undefined {
  const text = plainText(node.recorder, model, 'a model name');
  return text === undefined ? undefined : limitText(node.text(text, 'model'), maxLabelChars);
}

/** The id of a session or user, up to 255 characters. */
export function labelText(
  recorder: Recorder,
  id: unknown,
  field: 'sessionId' | 'userId',
  owner: ValueOwner,
): string | undefined {
  const text = id === undefined || id === null ? undefined : plainText(recorder, id, `a ${field}`);
  return text === undefined ? undefined : limitText(recorder.text(text, field, owner), maxLabelChars) || undefined;
}

/** Tags: a list of texts of up to 255 characters. */
export function tagTexts(recorder: Recorder, tags: unknown, owner: ValueOwner): readonly string[] {
  if (tags === undefined || tags === null) return [];
  return listOf(tags, recorder).flatMap((tag) => {
    const text = plainText(recorder, tag, 'a tag');
    return text === undefined ? [] : [limitText(recorder.text(text, 'tags', owner), maxLabelChars)];
  });
}

function listOf(value: unknown, recorder: Recorder): readonly unknown[] {
  try {
    if (Array.isArray(value)) return [...value];
  } catch {
    // A hostile proxy.
  }
  recorder.log.warn('tags', `expected an array of strings as tags, got ${typeof value}; left out`);
  return [];
}

function plainText(recorder: Recorder, value: unknown, what: string): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  recorder.log.warn(what, `expected a string as ${what}, got ${typeof value}; left out`);
  return undefined;
}
