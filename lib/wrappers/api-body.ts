import { fields } from '../calls/read-unknown.js';

/*
 * In newer versions of Anthropic's client, threads and tool runners take a response from `_responseProps()` and make a stream of it
 * on their own:
 *
 *     body of the response ──> our stream, which is followed ──> body that the helper gets ──> the helper's stream
 */

/**
 * Follows the stream in the body of a response. A response that is no stream is left to the helper, which parses it with the promise's
 * own methods.
 *
 * @param parse - makes the client's stream of a response
 * @param observe - follows the stream
 * @returns false if the stream cannot be followed
 */
export async function followBody(
  props: unknown,
  parse: (props: object) => unknown,
  observe: (stream: unknown) => unknown,
): Promise<boolean> {
  const { options, response } = fields(props);
  const { body, headers, status, url } = fields(response);
  if (fields(options).stream !== true) return true;
  if (!(body instanceof ReadableStream)) return false;
  try {
    const stream = await parse({ ...fields(props), response: { body, headers, status, url } });
    const followed = bodyOf(observe(stream) as AsyncIterable<unknown>); // the request has `stream: true`
    Object.defineProperty(response, 'body', { configurable: true, value: followed });
    return true;
  } catch {
    return false; // the response keeps its own body
  }
}

/** A body with these events. It reads an event only when the helper reads from it. */
function bodyOf(stream: AsyncIterable<unknown>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let events: AsyncIterator<unknown> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        events ??= stream[Symbol.asyncIterator]();
        const { done, value } = await events.next();
        if (done === true) controller.close();
        else controller.enqueue(encoder.encode(`event: ${fields(value).type}\ndata: ${JSON.stringify(value)}\n\n`));
      },
      async cancel() {
        await events?.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
