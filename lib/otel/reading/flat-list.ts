import type { Attributes } from '../wire/any-value.js';

/** Largest index and deepest path that are taken; a conversation has fewer. */
const maxItems = 10_000;
const maxPath = 12;

const indexForm = /^\d{1,5}$/;

/** A list or an object while it is rebuilt. Maps, because a sender may choose any name and any index. */
class Draft {
  readonly entries = new Map<string | number, unknown>();
  readonly #isList: boolean;

  constructor(isList: boolean) {
    this.#isList = isList;
  }

  /** The key for a part of a path; undefined if a list cannot have it. */
  keyOf(part: string): string | number | undefined {
    if (!this.#isList) return part;
    return isIndex(part) ? Number(part) : undefined;
  }

  /** The list, without gaps, or the object, without a prototype. */
  built(): unknown {
    const all = [...this.entries].map(([key, value]) => [key, value instanceof Draft ? value.built() : value] as const);
    if (!this.#isList) return Object.assign(Object.create(null), Object.fromEntries(all));
    return all.sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value);
  }
}

/**
 * Rebuilds a list from attributes such as `llm.input_messages.0.message.role`: one for each leaf, because an attribute cannot be an
 * object. Undefined if there is none.
 */
export function flatList(attributes: Attributes, prefix: string): readonly unknown[] | undefined {
  const list = new Draft(true);
  for (const name in attributes) {
    if (!name.startsWith(prefix) || name.charAt(prefix.length) !== '.') continue;
    const path = name.slice(prefix.length + 1).split('.');
    if (path.length <= maxPath) put(list, path, attributes[name]);
  }
  return list.entries.size === 0 ? undefined : (list.built() as unknown[]);
}

function put(list: Draft, path: readonly string[], value: unknown): void {
  let draft = list;
  for (const [at, part] of path.entries()) {
    const key = draft.keyOf(part);
    if (key === undefined) return;
    const { entries } = draft;
    const known = entries.get(key);
    if (at === path.length - 1) {
      entries.set(key, known ?? value);
      return;
    }
    draft = known instanceof Draft ? known : new Draft(isIndex(path[at + 1]));
    entries.set(key, draft);
  }
}

function isIndex(part: string | undefined): boolean {
  return part !== undefined && indexForm.test(part) && Number(part) < maxItems;
}
