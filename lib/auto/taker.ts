import { attachments } from './attachments.js';
import type { LoadPart } from './replacements.js';
import type { Taker } from './rewrite.js';

/** Makes the {@link Taker} of a thread. It replaces each class or function once, also if several files export it. */
export function createTaker(load: LoadPart): Taker {
  /** The replacements by original; a value that needs no replacement maps to itself. */
  const replaced = new WeakMap<object, object>();

  return {
    take(at, name, value) {
      const attachment = attachments[at];
      if (attachment === undefined || !isObject(value)) return value;
      const before = replaced.get(value);
      if (before !== undefined) return before;
      const instead = attachment.replace(value, load, name);
      replaced.set(value, instead);
      replaced.set(instead, instead);
      return instead;
    },

    put(module) {
      const { exports } = module;
      if (!isObject(exports)) return;
      for (const [name, { value, writable }] of Object.entries(Object.getOwnPropertyDescriptors(exports))) {
        const instead = isObject(value) ? replaced.get(value) : undefined;
        if (instead !== undefined && instead !== value && writable === true) Reflect.set(exports, name, instead);
      }
      module.exports = replaced.get(exports) ?? exports;
    },
  };
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
