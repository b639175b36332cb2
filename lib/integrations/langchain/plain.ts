import { CopyWalk } from '../../calls/copy-walk.js';
import { fields, isFields, nonEmptyString } from '../../calls/read-unknown.js';
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

/** Copies one value. Its properties are read once, so that a getter runs once and a later change is not seen. */
class PlainCopy extends CopyWalk {
  of(value: unknown, depth: number): unknown {
    return typeof value === 'object' && value !== null && depth <= maxDepth ? this.copyOf(value, '', depth) : value;
  }

  protected override copy(value: object, _: string, depth: number): unknown {
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
    let copy: Record<string, unknown>;
    try {
      copy = { ...value };
    } catch {
      return value; // the capture writes a note for what throws
    }
    for (const name in copy) {
      const item = copy[name];
      // A name that all objects inherit is not one of this object.
      if (typeof item === 'object' && item !== null && Object.hasOwn(copy, name)) copy[name] = this.of(item, depth + 1);
    }
    return copy;
  }

  #only(value: object, names: readonly string[], depth: number): unknown {
    const copy: Record<string, unknown> = {};
    for (const name of names) {
      const item = fields(value)[name];
      if (item !== undefined) copy[name] = this.of(item, depth + 1);
    }
    return copy;
  }
}

function nameOf(value: object): string {
  return `[${nonEmptyString(value.constructor?.name) ?? 'object'}]`;
}
