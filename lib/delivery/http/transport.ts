import type { IncomingMessage } from 'node:http';
import { zlib } from '../../common/builtins.js';
import { newId } from '../../common/ids.js';
import { ProxyError } from './agents.js';
import { createRequester, RequestFault, type ResponseHead } from './axios-client.js';
import { faultOf } from './connection-faults.js';
import { Deadline } from './deadline.js';
import { leastLarge, maxAnswerBytes } from './limits.js';
import type { NetworkFacts } from './network-facts.js';
import type { EnvProxy } from './proxy.js';
import { suppressInstrumentation } from './suppress-instrumentation.js';
import { type TlsFacts, tlsOptions } from './tls-facts.js';

/** Header fields of a request. */
export type HeaderFields = Readonly<Record<string, string>>;

const noHeaders: HeaderFields = {};

/** The body of a response, as far as it was read. */
export interface ResponseBody {
  readonly bytes: Buffer;
  /** `whole`: all of the body was read. `long`: it is longer than is read. `cut`: its end did not come, or not in time. */
  readonly ending: 'whole' | 'long' | 'cut';
}

/** The outcome of a request: a response, or the reason why there is none. */
export type TransportAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly retryAfter: string | undefined;
      /** Such as `application/json`, without parameters; empty if the header is missing. */
      readonly contentType: string;
      /** The body as UTF-8. May contain our key. */
      readonly text: string;
      /** The body as bytes. */
      readonly bytes: Buffer;
      readonly ending: ResponseBody['ending'];
      /** `Location` of a redirect. */
      readonly location?: string | undefined;
      readonly requestId: string;
    }
  | {
      readonly kind: 'none';
      /** For the log: a code such as `ECONNREFUSED`, with advice if there is some. Contains no secrets. */
      readonly what: string;
      /** Status of a proxy that did not connect. */
      readonly status?: number;
      /** The settings are wrong, so a retry alone does not help. */
      readonly isBlocked?: boolean;
      /** Whether the backend may have got the request. */
      readonly mayHaveArrived: boolean;
      /** Time ran out, or the connection broke, while the body was sent or processed: a smaller body may get through. */
      readonly mayBeTooMuch: boolean;
      readonly requestId: string;
    };

/** Where requests go, and how. */
export interface TransportSettings {
  /** The backend's URL, to which the path of each call is appended. */
  readonly endpoint: string;
  readonly userAgent: string;
  readonly requestTimeoutMs: number;
  /** Most requests at one time. */
  readonly sockets: number;
  /** True inline: open sockets do not keep the process alive. */
  readonly unrefSockets: boolean;
  /** Undefined: requests go to the endpoint directly. */
  readonly proxy: EnvProxy | undefined;
  /** Undefined when no TLS is used. */
  readonly tls: TlsFacts | undefined;
  /** The network settings of the application's thread, for a sender in another thread. */
  readonly network?: NetworkFacts | undefined;
}

/** Makes one request at a time for its caller. Never rejects. */
export interface Transport {
  /**
   * @param headers - describe the body: `Content-Type`, `Content-Encoding`
   * @param patience - how many times the usual time this request may take, within a bound. @defaultValue 1
   */
  post(path: string, body: Buffer | string, headers: HeaderFields, patience?: number): Promise<TransportAnswer>;
  get(path: string): Promise<TransportAnswer>;
  /** Closes idle sockets. */
  close(): void;
}

/** Makes a transport with sockets of its own. @param headers - sent with every request */
export function createTransport(settings: TransportSettings, headers: HeaderFields): Transport {
  const { proxy, requestTimeoutMs, unrefSockets } = settings;
  if (proxy?.kind === 'unusable') return closedTransport(proxy.reason);
  const { send, close } = createRequester({
    ...settings,
    headers: { 'User-Agent': settings.userAgent, ...headers },
    tls: settings.tls === undefined ? {} : tlsOptions(settings.tls),
    proxy,
  });
  const through = proxy?.name;

  async function request(
    method: 'GET' | 'POST',
    path: string,
    body: Buffer | string | undefined,
    own: HeaderFields,
    patience: number,
  ) {
    const id = newId();
    const bytes = body?.length ?? 0;
    const deadline = new Deadline({ requestTimeoutMs, patience, bytes }, unrefSockets);
    const onStop = (stop: () => void) => deadline.onOver(stop);
    try {
      return await answerOf(
        await suppressInstrumentation(() => send({ method, path, body, headers: own, id, onStop })),
        deadline,
        id,
      );
    } catch (error) {
      return none(error, through, bytes >= leastLarge, id);
    } finally {
      deadline.clear();
    }
  }

  return {
    post: (path, body, own, patience = 1) => request('POST', path, body, own, patience),
    get: (path) => request('GET', path, undefined, noHeaders, 1),
    close,
  };
}

async function answerOf(response: ResponseHead, deadline: Deadline, requestId: string): Promise<TransportAnswer> {
  const { status, body } = response;
  const { bytes, ending } = body === undefined ? noBody : await readBody(body, deadline);
  const isWritten = await response.written(status >= 200 && status < 300 ? deadline : undefined);
  const headers = body?.headers ?? {};
  return {
    kind: 'answer',
    status,
    retryAfter: headers['retry-after'],
    contentType: headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '',
    text: bytes.toString(),
    bytes,
    ending: isWritten ? ending : 'cut',
    location: headers.location,
    requestId,
  };
}

const noBody: ResponseBody = { bytes: Buffer.alloc(0), ending: 'whole' };

/** Reads a body until the deadline. If its end has not come by then, the part that was read is used. Never rejects. */
async function readBody(response: IncomingMessage, deadline: Deadline): Promise<ResponseBody> {
  const { bytes, ending } = await readAll(response, deadline);
  const encoding = response.headers['content-encoding'];
  return { bytes: encoding === undefined ? bytes : decoded(bytes, encoding), ending };
}

function readAll(response: IncomingMessage, deadline: Deadline): Promise<ResponseBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (ending: ResponseBody['ending']) => {
      const [only] = chunks;
      resolve({ bytes: chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks), ending });
      if (ending !== 'whole') response.destroy();
    };
    deadline.onOver(() => end('cut'));
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxAnswerBytes) end('long');
    });
    response.once('end', () => end(response.complete ? 'whole' : 'cut'));
    response.on('error', () => end('cut'));
    response.once('close', () => end('cut'));
  });
}

/** Decodes a body: some proxies compress it although we do not ask for it. Unchanged if the encoding is unknown or broken. */
function decoded(bytes: Buffer, encoding: string): Buffer {
  const limit = { maxOutputLength: maxAnswerBytes };
  try {
    switch (encoding.trim().toLowerCase()) {
      case 'gzip':
      case 'x-gzip':
        return zlib().gunzipSync(bytes, limit);
      case 'deflate':
        return zlib().inflateSync(bytes, limit);
      case 'br':
        return zlib().brotliDecompressSync(bytes, limit);
      default:
        return bytes;
    }
  } catch {
    return bytes;
  }
}

function none(error: unknown, proxy: string | undefined, isLarge: boolean, requestId: string): TransportAnswer {
  const { cause, isTooLate, wasSending } =
    error instanceof RequestFault ? error : new RequestFault(error, false, false);
  const { code, advice, mayHaveArrived } = faultOf(cause);
  const through = proxy === undefined ? '' : ` through ${proxy}`;
  const mayBeTooMuch = isTooLate || wasSending || (isLarge && mayHaveArrived);
  if (!(cause instanceof ProxyError)) {
    const what = `${code}${through}${advice === undefined ? '' : ` (${advice})`}`;
    return { kind: 'none', what, mayHaveArrived, mayBeTooMuch, requestId };
  }
  const { status } = cause;
  const isBlocked = status === 407 || status === 403;
  const why = status === 407 ? ': it wants another user or password' : '';
  return {
    ...{ kind: 'none', what: `HTTP ${status} from ${proxy}${why}`, isBlocked },
    ...(status === 403 ? {} : { status }), // a 403 of the backend would mean the key
    ...{ mayHaveArrived: false, mayBeTooMuch: false, requestId },
  };
}

/** A transport that sends nothing, and gives this reason. */
function closedTransport(reason: string): Transport {
  const answer = async (): Promise<TransportAnswer> => ({
    ...{ kind: 'none', what: reason, isBlocked: true, mayHaveArrived: false, mayBeTooMuch: false, requestId: newId() },
  });
  return { post: answer, get: answer, close() {} };
}
