import { newId } from '../common/ids.js';
import { ProxyError } from './agents.js';
import type { Answer } from './answer.js';
import { Deadline } from './deadline.js';
import { faultOf } from './faults.js';
import type { SenderSettings } from './protocol.js';
import { readBody } from './read-body.js';
import { createRequester, RequestFault, type Response } from './requests.js';
import { tlsOptions } from './tls-facts.js';
import { unobserved } from './unobserved.js';

/** Sends one body and brings back what was answered; never rejects. */
export interface Transport {
  /** @param patience - how many times the time for a request this one may take, within a bound. @defaultValue 1 */
  post(path: string, body: Buffer | string, patience?: number): Promise<Answer>;
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
export function createTransport(settings: SenderSettings): Transport {
  const { proxy, requestTimeoutMs, unrefSockets } = settings;
  if (proxy?.kind === 'unusable') return closedTransport(proxy.reason);
  const { send, close } = createRequester({
    ...settings,
    endpoint: settings.endpoint.replace(/\/+$/, ''),
    headers: {
      'X-API-Key': settings.apiKey,
      'X-Project-Name': settings.projectName,
      'User-Agent': settings.userAgent,
      Accept: 'application/json',
    },
    tls: settings.tls === undefined ? {} : tlsOptions(settings.tls),
    proxy,
  });
  const through = proxy?.name;

  async function request(method: 'GET' | 'POST', path: string, body: Buffer | string | undefined, patience: number) {
    const id = newId();
    const uploadMs = body === undefined ? 0 : body.length / slowestUplink;
    const timeMs = Math.min(requestTimeoutMs * patience, Math.max(requestTimeoutMs, mostPatientMs));
    const deadline = new Deadline(timeMs + uploadMs, unrefSockets);
    const onStop = (stop: () => void) => deadline.onOver(stop);
    try {
      return await answerOf(await unobserved(() => send({ method, path, body, id, onStop })), deadline, id);
    } catch (error) {
      return none(error, through, (body?.length ?? 0) >= leastLarge, id);
    } finally {
      deadline.clear();
    }
  }

  return {
    post: (path, body, patience = 1) => request('POST', path, body, patience),
    get: (path) => request('GET', path, undefined, 1),
    close,
  };
}

async function answerOf(response: Response, deadline: Deadline, requestId: string): Promise<Answer> {
  const { status, body } = response;
  const { text, ending } = body === undefined ? { text: '', ending: 'whole' as const } : await readBody(body, deadline);
  const isWritten = await response.written(status >= 200 && status < 300 ? deadline : undefined);
  const headers = body?.headers ?? {};
  return {
    kind: 'answer',
    status,
    retryAfter: headers['retry-after'],
    contentType: headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '',
    text,
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
