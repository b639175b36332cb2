import { flattener, quote, shortenDataUrl } from './capture-text.js';
import { Walk } from './capture-walk.js';
import { fold, leastFolded } from './folded-text.js';
import type { CapturedText, JsonText } from './records.js';

/**
 * The JSON text of any value, made now, in one walk: each property is read once, nothing is retained,
 * nothing is thrown, and the text is at most `maxBytes` of UTF-8 (values under 256 count as 256).
 *
 * | value | JSON |
 * |---|---|
 * | string | itself, without null characters and lone surrogates; keys likewise |
 * | string `data:…;base64,…` with more than 1 KiB of base64 | its header and size: `"data:image/png;base64,[4096 bytes]"` |
 * | finite number, boolean, null | itself; `-0` is `0` |
 * | `NaN`, `Infinity`, `-Infinity` | `"NaN"`, `"Infinity"`, `"-Infinity"` |
 * | bigint | its decimal digits as a string |
 * | undefined | left out as a property or Error field, `null` elsewhere |
 * | function, symbol | `"[Function name]"`, `"[Symbol description]"`; without a name `"[Function]"`, `"[Symbol]"`. Of the functions that are properties in one value, the first 100; the others are left out |
 * | `Number`, `String`, `Boolean`, `BigInt`, `Symbol` object | as the primitive inside |
 * | Date | its ISO text, `"Invalid Date"` |
 * | RegExp | its text |
 * | URL, URLSearchParams | its text without credentials, see `secrets.ts` |
 * | Error | `{name, message, stack, code, cause, errors, …own properties}`, as far as they are there. The stack ends after 4,000 characters; `toJSON` and `headers` are left out, and `config`, `request` and `response` are method, address, status and size: HTTP clients keep keys in them |
 * | request or response of an HTTP client or server | `{method, url, status, bytes}`, as far as they are known |
 * | under the name of a credential | `"[Masked]"`, see `secrets.ts` |
 * | Map | an object when all keys are strings, otherwise an array of `[key, value]` |
 * | Set | an array |
 * | Buffer, typed array, DataView, ArrayBuffer, Blob, File | `{"type": "Uint8Array", "bytes": 123}`, never the content |
 * | Promise, WeakMap, WeakSet, WeakRef | `"[Promise]"`, … |
 * | generator, iterator, stream, async iterable | `"[object AsyncGenerator]"`, with its tag or class name |
 * | other object with a tag and no own properties (Headers, …) | `"[object Headers]"` |
 * | object or array with a `toJSON` function | what that gives, called once |
 * | class instance, null-prototype object | own enumerable properties with string keys |
 * | array | an array; holes are `null` |
 * | what a getter, `toJSON` or Proxy throws | `"[Throws: message]"` in its place |
 * | several getters of an item of a long list, one of which throws | the note in place of each of them |
 * | what cannot even be looked at (a revoked Proxy, …) | `"[Unreadable]"` |
 * | an object inside itself | `"[Circular]"`; one that is only shared is written each time |
 * | an object more than 100 levels deep | `"[Depth 100]"` |
 *
 * What does not fit is cut so that valid JSON remains:
 * - a string that does not fit ends in `… [cut: N bytes]`, N being the UTF-8 size of the whole string;
 *   inside a container it takes at most three quarters of what is left, so that what follows is kept too;
 * - the container in which the space ran out ends in `"…": "[cut: N bytes]"`, or in the item
 *   `"[cut: N bytes]"`, N being the size of the whole value; whatever would have followed is missing.
 *   The bytes of a string over 32 Mi units are not counted either: `more than` its units.
 *   Counting stops after 64 MB, or after 250 KB of small values: `[cut: more than N bytes]`. In the part
 *   that is only counted, escapes in strings over 30 KB are not.
 */
export function captureJson(value: unknown, options: { readonly maxBytes: number }): JsonText {
  // Most values are one short text; six bytes are the most that a unit becomes.
  if (typeof value === 'string' && value.length * 6 + 2 <= options.maxBytes) {
    return quote(shortenDataUrl(value)) as JsonText;
  }
  return walked(value, options.maxBytes, false) as JsonText; // all of it quoted
}

/** {@link captureJson} with long strings left unquoted where it is certain that they fit. */
export function captureFolded(value: unknown, options: { readonly maxBytes: number }): CapturedText {
  if (typeof value === 'string' && value.length * 6 + 2 <= options.maxBytes) {
    const text = shortenDataUrl(value);
    if (text.length < leastFolded) return quote(text) as JsonText;
    const folded = fold(text);
    flattener.flatten(folded); // a part of a large text would keep all of it alive
    return folded as CapturedText;
  }
  return walked(value, options.maxBytes, true) as CapturedText; // some of it perhaps not quoted
}

/** A walk that is not in use. */
let idle: Walk | undefined;

function walked(value: unknown, maxBytes: number, isFolded: boolean): string {
  // A getter or toJSON that runs here may record something itself, which needs another walk.
  const walk = idle ?? new Walk();
  idle = undefined;
  try {
    const text = walk.run(value, maxBytes, isFolded);
    idle = walk;
    return text;
  } catch {
    // Reached only if the caller's stack is used up. The state of the walk is not known, so it is not used again.
    return '"[Unreadable]"';
  }
}
