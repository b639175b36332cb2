import { parsed } from '../../calls/read-unknown.js';

/** A body as its JSON value. One that is a stream is left to be read by the client. */
export function bodyOf(body: unknown): unknown {
  if (typeof body === 'string') return parsed(body);
  if (body instanceof Uint8Array || body instanceof ArrayBuffer) return parsed(new TextDecoder().decode(body));
  return undefined;
}
