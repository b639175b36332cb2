import type { Attributes } from '../wire/any-value.js';

/** Longest list and deepest path that are rebuilt; a conversation has fewer. */
const maxItems = 10_000;
const maxPath = 12;

const indexForm = /^\d{1,5}$/;
type Node = Record<string, unknown> | unknown[];

/**
 * Rebuilds a list from attributes such as `llm.input_messages.0.message.role`: one for each leaf, because an attribute cannot be an
 * object. Undefined if there is none.
 */
export function flatList(attributes: Attributes, prefix: string): readonly unknown[] | undefined {
  let list: unknown[] | undefined;
  for (const name in attributes) {
    if (!name.startsWith(prefix) || name.charAt(prefix.length) !== '.') continue;
    const path = name.slice(prefix.length + 1).split('.');
    if (!isIndex(path[0]) || path.length > maxPath) continue;
    list ??= [];
    put(list, path, attributes[name]);
  }
  return list?.filter((item) => item !== undefined);
}

function put(list: unknown[], path: readonly string[], value: unknown): void {
  let node: Node = list;
  for (const [at, part] of path.entries()) {
    // A list has no other keys: `__proto__` would lead to the prototype of all lists.
    if (Array.isArray(node) && !isIndex(part)) return;
    const key = Array.isArray(node) ? Number(part) : part;
    const own = node as Record<string | number, unknown>; // a list takes its indices
    if (at === path.length - 1) {
      own[key] ??= value;
      return;
    }
    if (typeof own[key] !== 'object' || own[key] === null) own[key] = isIndex(path[at + 1]) ? [] : Object.create(null);
    node = own[key] as Node;
  }
}

function isIndex(part: string | undefined): boolean {
  return part !== undefined && indexForm.test(part) && Number(part) < maxItems;
}
