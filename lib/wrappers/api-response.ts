import { patchMethod } from '../calls/patch.js';
import { nonEmptyString } from '../calls/read-unknown.js';

/** What becomes of a body that the caller reads. */
interface BodyReader {
  /** Called with the reply as the client itself would have parsed it; undefined if the body is of another kind. */
  read(reply: unknown): void;
  threw(error: unknown): void;
}

/**
 * Follows the body of a response in place, if the caller reads it with `json()` or `text()`. The body itself is not touched.
 *
 * @returns a function that stops this; true if the caller has begun to read: then `reader` gets the end of it
 */
export function followResponse(response: unknown, reader: BodyReader): () => boolean {
  const target = Object(response) as Partial<Response>;
  const { json, text } = target;
  let isReading = false;
  const follow = (name: 'json' | 'text', original: () => Promise<unknown>, parse: (body: unknown) => unknown) => {
    patchMethod(target, name, function (this: unknown) {
      restore();
      const body = original.call(this);
      isReading = true;
      return body.then(
        (value) => {
          reader.read(parse(value));
          return value;
        },
        (error: unknown) => {
          reader.threw(error);
          throw error;
        },
      );
    });
  };
  const restore = () => {
    Reflect.deleteProperty(target, 'json');
    Reflect.deleteProperty(target, 'text');
  };
  const isOwn = Object.hasOwn(target, 'json') || Object.hasOwn(target, 'text'); // somebody else follows it, or it is a mock
  if (typeof json !== 'function' || typeof text !== 'function' || isOwn) return () => false;
  try {
    follow('json', json, (body) => body);
    follow('text', text, (body) => replyIn(body, nonEmptyString(target.headers?.get('content-type')) ?? ''));
  } catch {
    // Frozen: its body is not read.
  }
  return () => {
    restore();
    return isReading;
  };
}

/** The reply in a text: an object, or the text itself; undefined if it is a stream of events, or no JSON. */
function replyIn(text: unknown, contentType: string): unknown {
  if (contentType.includes('event-stream')) return undefined;
  if (!contentType.includes('json')) return text;
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
