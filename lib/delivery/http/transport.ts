import { newId } from '../../common/ids.js';
import { ProxyError } from './agents.js';
import { createRequester, RequestFault, type Response } from './axios-client.js';
import { faultOf } from './connection-faults.js';
import { Deadline } from './deadline.js';
import type { EnvProxy } from './proxy.js';
import { type Body, readBody } from './read-body.js';
import { suppressInstrumentation } from './suppress-instrumentation.js';
import { type TlsFacts, tlsOptions } from './tls-facts.js';

/** Header fields of a request. */
export type Headers = Readonly<Record<string, string>>;

const noHeaders: Headers = {};
const noBody: Body = { bytes: Buffer.alloc(0), ending: 'whole' };

/** What the transport brings back: an answer, or none. */
export type Answer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly retryAfter: string | undefined;
      /** Such as `application/json`, without its parameters; empty where there is none. */
      readonly contentType: string;
      /** The body as it came: may hold our key. */
      readonly text: string;
      /** The same as bytes, for what is no text. */
      readonly bytes: Buffer;
      /** Whether all of the body is there. `long`: more than is read. `cut`: its end did not come, or not in time. */
      readonly ending: 'whole' | 'long' | 'cut';
      /** Where a redirect points to, as it came. */
      readonly location?: string | undefined;
      readonly requestId: string;
    }
  | {
      readonly kind: 'none';
      /** Such as `ECONNREFUSED`, and what to do where that can be said. Shown, so without secrets. */
      readonly what: string;
      /** Of a proxy that let nothing through. */
      readonly status?: number;
      /** It will not get better by itself: the settings are wrong. */
      readonly isBlocked?: boolean;
      /** Whether the backend may have got the request. */
      readonly mayHaveArrived: boolean;
      /** Time ran out, or the connection broke, while the body was on its way or looked at: less of it may get through. */
      readonly mayBeTooMuch: boolean;
      readonly requestId: string;
    };

/** What a transport needs to know. */
export interface TransportSettings {
  readonly endpoint: string;
  readonly userAgent: string;
  readonly requestTimeoutMs: number;
  /** Most requests at one time. */
  readonly sockets: number;
  /** Open sockets do not keep the process alive: inline mode. */
  readonly unrefSockets: boolean;
  /** Undefined: straight to the endpoint. */
  readonly proxy: EnvProxy | undefined;
  /** Undefined: no TLS is used. */
  readonly tls: TlsFacts | undefined;
}

/** Sends one body and brings back what was answered; never rejects. */
export interface Transport {
  /**
   * @param headers - what the body is: `Content-Type`, `Content-Encoding`
   * @param patience - how many times the usual time this request may take, within a bound. @defaultValue 1
   */
  post(path: string, body: Buffer | string, headers: Headers, patience?: number): Promise<Answer>;
  get(path: string): Promise<Answer>;
  /** Closes idle sockets. */
  close(): void;
}

/** Bytes a millisecond that an uplink carries at least: a large body gets this much more time. */
const slowestUplink = 50;
/** A body of so many bytes may lie in the buffers of a connection when that breaks, so its size may be why, though all was written. */
const leastLarge = 65_536;
/** Longest time for a request with patience, in milliseconds, where the settings do not ask for more. */
const mostPatientMs = 60_000;

/** Makes a transport with its own few sockets. */
export function createTransport(settings: TransportSettings, headers: Headers): Transport {
  const { proxy, requestTimeoutMs, unrefSockets } = settings;
  if (proxy?.kind === 'unusable') return closedTransport(proxy.reason);
  const { send, close } = createRequester({
    ...settings,
    endpoint: settings.endpoint.replace(/\/+$/, ''),
    headers: { 'User-Agent': settings.userAgent, ...headers },
    tls: settings.tls === undefined ? {} : tlsOptions(settings.tls),
    proxy,
  });
  const through = proxy?.name;

  async function request(
    method: 'GET' | 'POST',
    path: string,
    body: Buffer | string | undefined,
    own: Headers,
    patience: number,
  ) {
    const id = newId();
    const uploadMs = body === undefined ? 0 : body.length / slowestUplink;
    const timeMs = Math.min(requestTimeoutMs * patience, Math.max(requestTimeoutMs, mostPatientMs));
    const deadline = new Deadline(timeMs + uploadMs, unrefSockets);
    const onStop = (stop: () => void) => deadline.onOver(stop);
    try {
      return await answerOf(
        await suppressInstrumentation(() => send({ method, path, body, headers: own, id, onStop })),
        deadline,
        id,
      );
    } catch (error) {
      return none(error, through, (body?.length ?? 0) >= leastLarge, id);
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

async function answerOf(response: Response, deadline: Deadline, requestId: string): Promise<Answer> {
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

function none(error: unknown, proxy: string | undefined, isLarge: boolean, requestId: string): Answer {
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
    ...(status === 403 ? {} : { status }), // of the backend that would mean the key
    ...{ mayHaveArrived: false, mayBeTooMuch: false, requestId },
  };
}

/** Where nothing can be sent, for a reason that is told. */
function closedTransport(reason: string): Transport {
  const answer = async (): Promise<Answer> => ({
    ...{ kind: 'none', what: reason, isBlocked: true, mayHaveArrived: false, mayBeTooMuch: false, requestId: newId() },
  });
  return { post: answer, get: answer, close() {} };
}
