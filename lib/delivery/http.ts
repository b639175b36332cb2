import http from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import { https } from '../common/builtins.js';
import { newId } from '../common/ids.js';
import { clearTimeout, setTimeout } from '../common/real-time.js';
import type { Answer } from './answer.js';
import type { SenderSettings } from './protocol.js';
import { createRequester, usedHeader } from './requests.js';
import { unobserved } from './unobserved.js';

/** Sends one body and brings back what was answered; never rejects. */
export interface Transport {
  post(path: string, body: Buffer | string): Promise<Answer>;
  get(path: string): Promise<Answer>;
  /** Closes idle sockets. */
  close(): void;
}

/** Most of an answer that is read, in bytes; complaints about 500 spans fit. */
const maxAnswerBytes = 1_048_576;
/** Longest wait for a connection, in milliseconds, within the time for the whole request. */
const connectTimeoutMs = 5000;
/** Bytes a millisecond that an uplink carries at least: a large body gets this much more time. */
const slowestUplink = 50;
/** How long an idle socket is kept, in milliseconds: less than the 5 s after which common servers close it. */
const idleSocketMs = 4000;

/** Faults that come before a request is written. Source: Node's errors of `connect` and `getaddrinfo`. */
const beforeWriting = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'ECONNECTTIMEOUT',
]);

/** Makes a transport with its own few sockets. */
export function createTransport(settings: SenderSettings): Transport {
  const options: http.AgentOptions = { keepAlive: true, maxSockets: settings.sockets, timeout: idleSocketMs };
  const httpAgent = tame(new http.Agent(options), settings.unrefSockets);
  const usesTls = settings.usesProxy || /^https:/i.test(settings.endpoint);
  const httpsAgent = usesTls ? tame(new (https().Agent)(options), settings.unrefSockets) : undefined;
  const send = createRequester({
    endpoint: settings.endpoint.replace(/\/+$/, ''),
    headers: {
      'X-API-Key': settings.apiKey,
      'X-Project-Name': settings.projectName,
      'User-Agent': settings.userAgent,
      Accept: 'application/json',
    },
    httpAgent,
    httpsAgent,
    usesProxy: settings.usesProxy,
  });

  async function request(method: 'GET' | 'POST', path: string, body: Buffer | string | undefined): Promise<Answer> {
    const id = newId();
    const uploadMs = body === undefined ? 0 : body.length / slowestUplink;
    const deadline = new Deadline(settings.requestTimeoutMs + uploadMs, settings.unrefSockets);
    const onStop = (stop: () => void) => deadline.onOver(stop);
    try {
      const response = await unobserved(() => send({ method, path, body, id, onStop }));
      const { status } = response;
      const retryAfter: unknown = response.headers[usedHeader];
      const isRead = method === 'GET' || status < 200 || status >= 300;
      const text = isRead ? await read(response.data, deadline) : skip(response.data);
      return {
        kind: 'answer',
        status,
        retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
        text: text.replaceAll(settings.apiKey, '…'),
        requestId: id,
      };
    } catch (error) {
      const code = deadline.isOver ? 'ETIMEDOUT' : codeOf(error);
      return { kind: 'none', code, mayHaveArrived: !beforeWriting.has(code), requestId: id };
    } finally {
      deadline.clear();
    }
  }

  return {
    post: (path, body) => request('POST', path, body),
    get: (path) => request('GET', path, undefined),
    close() {
      httpAgent.destroy();
      httpsAgent?.destroy();
    },
  };
}

/** A time that may be over. An `AbortController` would say the same, in ten times the time. */
class Deadline {
  readonly #timer: NodeJS.Timeout;
  #stop: (() => void) | undefined;
  isOver = false;

  constructor(ms: number, isUnref: boolean) {
    this.#timer = setTimeout(() => {
      this.isOver = true;
      this.#stop?.();
    }, ms);
    if (isUnref) this.#timer.unref();
  }

  /** @param stop - called when the time is over, in the place of what was to be called before */
  onOver(stop: () => void): void {
    this.#stop = stop;
    if (this.isOver) stop();
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}

/** What can be read before the time is over: a status that came is worth more than the rest of its explanation. */
async function read(stream: Readable, deadline: Deadline): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  deadline.onOver(() => stream.destroy());
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > maxAnswerBytes) break; // leaving the loop destroys the stream
    }
  } catch {
    // Cut, or out of time.
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A success is one when its status is here; its body is only taken off the socket, and not waited for. */
function skip(stream: Readable): string {
  const timer = setTimeout(() => stream.destroy(), 1000);
  timer.unref();
  stream.on('error', () => {});
  stream.once('close', () => clearTimeout(timer));
  stream.resume();
  return '';
}

function codeOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? code : 'EFAULT';
}

/** Gives an agent's sockets a limit for connecting and for being idle. */
function tame<A extends http.Agent>(agent: A, isUnref: boolean): A {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback);
    if (socket) limit(socket, isUnref);
    return socket;
  };
  return agent;
}

function limit(socket: Duplex, isUnref: boolean): void {
  const late = () => socket.destroy(Object.assign(new Error('no connection in time'), { code: 'ECONNECTTIMEOUT' }));
  const timer = setTimeout(late, connectTimeoutMs);
  timer.unref();
  const done = () => clearTimeout(timer);
  socket.once('secureConnect', done).once('connect', done).once('close', done);
  if (isUnref && 'unref' in socket && typeof socket.unref === 'function') socket.unref();
}
