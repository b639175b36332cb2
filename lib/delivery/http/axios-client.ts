import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { urlToHttpOptions } from 'node:url';
import type { Axios, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import AxiosCore from 'axios/unsafe/core/Axios.js';
import { https } from '../../common/builtins.js';
import { type AgentSettings, createAgent, createTunnelAgent } from './agents.js';
import type { Deadline } from './deadline.js';
import type { EnvProxy } from './proxy.js';

/**
 * The only file that knows axios. Only responses leave it: an axios error carries our key in its headers.
 *
 * Axios gets a small adapter on node:http. Its own adapter loads form data, redirects and five kinds of compression, which cost
 * 100 ms before the first request, 13 MB, and a quarter more time for each request.
 */

/** One request. */
interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Path of the call, appended to the endpoint. */
  readonly path: string;
  readonly body: Buffer | string | undefined;
  /** Headers of this request, in addition to those of every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly id: string;
  /** Registers the callback that aborts this request. */
  onStop(stop: () => void): void;
}

/** The head of a response, and its body to be read. */
export interface ResponseHead {
  readonly status: number;
  /** Undefined after 101: the server switches to another protocol, and no body follows. */
  readonly body: IncomingMessage | undefined;
  /**
   * Resolves to whether the whole request body was written. A server may answer before it has read the body. Then the request
   * is aborted when the time is over (undefined: at once), because it would keep its socket for ever.
   */
  written(until: Deadline | undefined): Promise<boolean>;
}

/** Why no response came. Not an Error, because axios would capture a stack for it. */
export class RequestFault {
  readonly cause: unknown;
  /** Time ran out after the connection was made. */
  readonly isTooLate: boolean;
  /** The body was not written completely. */
  readonly wasSending: boolean;
  constructor(cause: unknown, isTooLate: boolean, wasSending: boolean) {
    this.cause = cause;
    this.isTooLate = isTooLate;
    this.wasSending = wasSending;
  }
}

/** Where requests go, and how. */
interface RequesterSettings extends AgentSettings {
  readonly endpoint: string;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly proxy: (EnvProxy & { readonly kind: 'http' }) | undefined;
}

/** Makes requests. */
interface Requester {
  /** Resolves with the head of the answer, whatever its status, and rejects when none came. */
  send(request: HttpRequest): Promise<ResponseHead>;
  /** Closes idle sockets. */
  close(): void;
}

/** The same for all requests to a target, directly or through a proxy. */
interface RequestBase {
  readonly isSecure: boolean;
  readonly base: RequestOptions;
  /** Stands before the path of a call. */
  readonly prefix: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Uses the core of axios only. Options that are the same for all requests are not passed to axios, because it copies them each
 * time: that was a fifth of the time of a request.
 */
export function createRequester(target: RequesterSettings): Requester {
  const { isSecure, base, prefix, headers } = baseFor(target);
  // Not axios.create(): it starts from the application's axios.defaults, and would send the application's headers.
  const axios: Axios = new AxiosCore();

  const exchange = (
    config: InternalAxiosRequestConfig,
    { method, path, body, headers: own, id, onStop }: HttpRequest,
  ) =>
    new Promise<AxiosResponse<ResponseHead>>((resolve, reject) => {
      const options = { ...base, method, path: prefix + path, headers: { ...headers, 'X-Request-ID': id, ...own } };
      const request = (isSecure ? https() : http).request(options);
      const writing = new BodyWriting(request);
      const fail = (error: unknown, isTooLate = false) =>
        reject(new RequestFault(error, isTooLate, writing.isUnderWay));
      let isAnswered = false;
      const answer = (status: number, from: IncomingMessage | undefined) => {
        isAnswered = true;
        const data: ResponseHead = { status, body: from, written: (until) => writing.end(until) };
        resolve({ data, status, statusText: '', headers: {}, config });
      };
      onStop(() => {
        // Done here, because a request that was upgraded has no more events.
        const { isConnected } = writing;
        fail(coded(isConnected ? 'ETIMEDOUT' : 'ECONNECTTIMEOUT'), isConnected);
        request.destroy();
      });
      request.once('response', (response) => answer(response.statusCode ?? 0, response));
      request.once('upgrade', (response, socket) => {
        socket.destroy();
        answer(response.statusCode ?? 0, undefined);
      });
      request.on('error', fail); // also after the response, whose stream fails as well
      request.once('close', () => {
        if (!isAnswered) fail(coded('ECONNRESET')); // made only if needed: an Error costs a tenth of a request
      });
      request.end(body); // Node sets Content-Length, because this is the whole body
    });

  return {
    async send(request) {
      const { data } = await axios.request<ResponseHead>({ adapter: (config) => exchange(config, request) });
      return data;
    },
    close: () => (base.agent as http.Agent).destroy(), // baseFor() makes one
  };
}

function baseFor(target: RequesterSettings): RequestBase {
  const { endpoint, proxy, headers } = target;
  const url = new URL(endpoint);
  const isSecure = url.protocol === 'https:';
  const folder = url.pathname === '/' ? '' : url.pathname;
  const straight = urlToHttpOptions(url);
  if (proxy === undefined) {
    return { isSecure, base: { ...straight, agent: createAgent(isSecure, target) }, prefix: folder, headers };
  }
  if (isSecure) {
    return { isSecure, base: { ...straight, agent: createTunnelAgent(proxy, target) }, prefix: folder, headers };
  }
  const { host, port, authorization } = proxy;
  return {
    isSecure: proxy.isSecure,
    base: { auth: straight.auth, host, port, agent: createAgent(proxy.isSecure, target) },
    prefix: `${url.protocol}//${url.host}${folder}`,
    headers: {
      ...headers,
      Host: url.host,
      ...(authorization === undefined ? {} : { 'Proxy-Authorization': authorization }),
    },
  };
}

/** Tracks whether the body of a request was written completely. */
class BodyWriting {
  readonly #request: ClientRequest;
  #isDone = false;
  #onDone: (() => void) | undefined;

  constructor(request: ClientRequest) {
    this.#request = request;
    request.once('finish', () => {
      this.#isDone = true;
      this.#onDone?.();
    });
  }

  get isConnected(): boolean {
    const socket: { connecting: boolean; secureConnecting?: boolean } | null = this.#request.socket; // a TLS socket has both
    return socket !== null && !socket.connecting && socket.secureConnecting !== true;
  }

  get isUnderWay(): boolean {
    return this.isConnected && !this.#isDone;
  }

  /** Resolves to true when all is written before the deadline; else aborts the request. */
  end(until: Deadline | undefined): Promise<boolean> {
    if (this.#isDone) return done;
    const request = this.#request;
    if (until === undefined || request.destroyed) {
      request.destroy();
      return notDone;
    }
    return new Promise((resolve) => {
      const stop = () => {
        resolve(this.#isDone);
        request.destroy();
      };
      this.#onDone = () => resolve(true);
      request.once('close', stop);
      until.onOver(stop);
    });
  }
}

const done = Promise.resolve(true);
const notDone = Promise.resolve(false);

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}
