import { errorName } from '../common/error-text.js';
import { newId } from '../common/ids.js';
import { withoutLogin } from '../common/url-login.js';
import { Deadline } from '../delivery/http/deadline.js';
import { leastLarge, maxAnswerBytes } from '../delivery/http/limits.js';
import { suppressInstrumentation } from '../delivery/http/suppress-instrumentation.js';
import type {
  HeaderFields,
  ResponseBody,
  Transport,
  TransportAnswer,
  TransportSettings,
} from '../delivery/http/transport.js';

/** Replaces `lib/delivery/http/transport.ts`: makes requests with the runtime's `fetch`. */

const noHeaders: HeaderFields = {};

/** Taken when the package loads: a program's tests may replace the global one by a fake. */
const { fetch } = globalThis;

/** Makes a transport. @param headers - sent with every request */
export function createTransport(settings: TransportSettings, headers: HeaderFields): Transport {
  const { requestTimeoutMs, userAgent } = settings;
  const { url, headers: login } = withoutLogin(settings.endpoint);
  const under = new Set<AbortController>();

  async function request(method: string, path: string, body: Body, own: HeaderFields, patience: number) {
    const id = newId();
    const bytes = body?.length ?? 0;
    const deadline = new Deadline({ requestTimeoutMs, patience, bytes }, true);
    const controller = new AbortController();
    under.add(controller);
    deadline.onOver(() => controller.abort());
    const init = {
      method,
      headers: { 'User-Agent': userAgent, ...login, ...headers, 'X-Request-ID': id, ...own },
      redirect: 'manual' as const,
      signal: controller.signal,
      ...(body === undefined ? {} : { body }),
    };
    try {
      return await answerOf(await suppressInstrumentation(() => fetch(url + path, init)), id);
    } catch (error) {
      return none(error, deadline.isOver, bytes >= leastLarge, id);
    } finally {
      deadline.clear();
      under.delete(controller);
    }
  }

  return {
    post: (path, body, own, patience = 1) => request('POST', path, body as Body, own, patience),
    get: (path) => request('GET', path, undefined, noHeaders, 1),
    close() {
      for (const controller of under) controller.abort();
    },
  };
}

type Body = string | Uint8Array<ArrayBuffer> | undefined;

async function answerOf(response: Response, requestId: string): Promise<TransportAnswer> {
  const { headers, status } = response;
  const { bytes, ending } = await read(response.body);
  return {
    kind: 'answer',
    status,
    retryAfter: headers.get('retry-after') ?? undefined,
    contentType: headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '',
    text: bytes.toString(),
    bytes,
    ending,
    location: headers.get('location') ?? undefined,
    requestId,
  };
}

/**
 * Reads a response's body. If reading fails, the part that was read is kept, because the status matters more than the body. Never
 * rejects.
 */
async function read(body: Response['body']): Promise<ResponseBody> {
  const chunks: Uint8Array[] = [];
  const reader = body?.getReader();
  try {
    for (let size = 0; reader !== undefined; ) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      size += value.length;
      if (size <= maxAnswerBytes) continue;
      await reader.cancel();
      return { bytes: Buffer.concat(chunks), ending: 'long' };
    }
    return { bytes: Buffer.concat(chunks), ending: 'whole' };
  } catch {
    return { bytes: Buffer.concat(chunks), ending: 'cut' };
  }
}

/**
 * The answer for a request that failed. It has only the error's name, because a runtime's errors have no codes, and their
 * messages may contain the URL.
 */
function none(error: unknown, isTooLate: boolean, isLarge: boolean, requestId: string): TransportAnswer {
  const what = isTooLate ? 'ETIMEDOUT' : `the request failed (${errorName(error)})`;
  return { kind: 'none', what, mayHaveArrived: true, mayBeTooMuch: isTooLate || isLarge, requestId };
}
