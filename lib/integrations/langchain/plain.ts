import { fields, isFields, nonEmptyString, set } from '../../calls/read-unknown.js';
import { messageType, recordedMessage } from './messages.js';

/** Deeper values are left to the capture, which shortens them. */
const maxDepth = 20;
/** Longer lists are left to the capture, too. */
const maxItems = 10_000;

/**
 * The input or output of a step, with the framework's own objects as plain data: messages in the recorded form, documents,
 * commands, sends and prompts. Of any other object of the framework only the name is recorded, because a model in a graph's state
 * holds its key.
 */
export function plain(value: unknown): unknown {
  return new PlainCopy().of(value, 0);
}

/** Copies one value. Each object is visited once, however often it is referenced. */
class PlainCopy {
  readonly #done = new Map<object, unknown>();

  of(value: unknown, depth: number): unknown {
    if (typeof value !== 'object' || value === null || depth > maxDepth) return value;
    if (this.#done.has(value)) return this.#done.get(value);
    this.#done.set(value, '[Circular]');
    const result = this.#ofObject(value, depth);
    this.#done.set(value, result);
    return result;
  }

  #ofObject(value: object, depth: number): unknown {
    if (Array.isArray(value)) {
      return value.length > maxItems ? value : value.map((item) => this.of(item, depth + 1));
    }
    if (!isFields(value)) return value;
    if (messageType(value) !== undefined) return recordedMessage(value);
    const { lg_name, pageContent, lc_serializable, toChatMessages } = value;
    if (lg_name === 'Command') return this.#only(value, ['update', 'goto', 'resume', 'graph'], depth);
    if (lg_name === 'Send') return this.#only(value, ['node', 'args'], depth);
    if (typeof pageContent === 'string') return this.#only(value, ['pageContent', 'metadata', 'id'], depth);
    if (typeof toChatMessages === 'function') {
      return { messages: this.of(Reflect.apply(toChatMessages, value, []), depth + 1) };
    }
    if (lc_serializable !== undefined || typeof value.invoke === 'function') return nameOf(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return value;
    return this.#only(value, Object.keys(value), depth);
  }

  #only(value: object, names: readonly string[], depth: number): unknown {
    const copy: Record<string, unknown> = {};
    for (const name of names) {
      const item = fields(value)[name];
      if (item !== undefined) set(copy, name, this.of(item, depth + 1));
    }
    return copy;
  }
}

function nameOf(value: object): string {
  return `[${nonEmptyString(value.constructor?.name) ?? 'object'}]`;
}
