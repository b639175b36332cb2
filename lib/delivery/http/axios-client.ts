import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { urlToHttpOptions } from 'node:url';
import type { Axios, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import AxiosCore from 'axios/unsafe/core/Axios.js';
import { https } from '../../common/builtins.js';
import { type AgentSettings, createAgent, createTunnelAgent } from './agents.js';
import type { Deadline } from './deadline.js';
import type { EnvProxy } from './proxy.js';

/**
 * The only file that knows axios. Nothing of axios leaves it but the answer: an axios error carries our key in its headers.
 *
 * Ours is a plain request to one host, so axios gets an adapter of a few lines on node:http. Its own one loads form data,
 * redirects and five kinds of compression: 100 ms until the first request, 13 MB, and a quarter more time for each.
 */

/** One request. */
export interface Request {
  readonly method: 'GET' | 'POST';
  /** What follows the endpoint. */
  readonly path: string;
  readonly body: Buffer | string | undefined;
  /** Its own, besides those of every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly id: string;
  /** Takes what ends the request before its time. */
  onStop(stop: () => void): void;
}

/** The head of an answer. */
export interface Response {
  readonly status: number;
  /** Undefined where there is none to come: the server wants to speak another protocol (101). */
  readonly body: IncomingMessage | undefined;
  /**
   * Whether all of our body was written. A server may answer before it has read it; then the request is ended, as it would
   * keep its socket for ever, at once or when the time is over.
   */
  written(until: Deadline | undefined): Promise<boolean>;
}

/** Why no answer came: what a request is rejected with. No Error, for which axios would make a stack. */
export class RequestFault {
  readonly cause: unknown;
  /** The time was over, with a connection there. */
  readonly isTooLate: boolean;
  /** The body was not written in full. */
  readonly wasSending: boolean;
  constructor(cause: unknown, isTooLate: boolean, wasSending: boolean) {
    this.cause = cause;
    this.isTooLate = isTooLate;
    this.wasSending = wasSending;
  }
}

/** Where requests go, and how. */
export interface Target extends AgentSettings {
  readonly endpoint: string;
  /** On every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly proxy: (EnvProxy & { readonly kind: 'http' }) | undefined;
}

/** Makes requests. */
export interface Requester {
  /** Resolves with the head of the answer, whatever its status, and rejects when none came. */
  send(request: Request): Promise<Response>;
  /** Closes idle sockets. */
  close(): void;
}

/** What is the same for all requests to a target, through a proxy or straight. */
interface Route {
  readonly isSecure: boolean;
  readonly base: RequestOptions;
  /** What comes before the path of a call. */
  readonly prefix: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Through axios's core alone. What is the same for all requests is not given to axios, which would copy it each time:
 * that was a fifth of the time a request takes.
 */
export function createRequester(target: Target): Requester {
  const { isSecure, base, prefix, headers } = routeTo(target);
  // Not axios.create(): that starts from the application's own axios.defaults, and would send us its headers.
  const axios: Axios = new AxiosCore();

  const exchange = (config: InternalAxiosRequestConfig, { method, path, body, headers: own, id, onStop }: Request) =>
    new Promise<AxiosResponse<Response>>((resolve, reject) => {
      const options = { ...base, method, path: prefix + path, headers: { ...headers, 'X-Request-ID': id, ...own } };
      const request = (isSecure ? https() : http).request(options);
      const writing = new Writing(request);
      const fail = (error: unknown, isTooLate = false) =>
        reject(new RequestFault(error, isTooLate, writing.isUnderWay));
      let isAnswered = false;
      const answer = (status: number, from: IncomingMessage | undefined) => {
        isAnswered = true;
        const data: Response = { status, body: from, written: (until) => writing.end(until) };
        resolve({ data, status, statusText: '', headers: {}, config });
      };
      onStop(() => {
        // Not left to the request's own events: one that was upgraded has no more of them.
        const { isConnected } = writing;
        fail(coded(isConnected ? 'ETIMEDOUT' : 'ECONNECTTIMEOUT'), isConnected);
        request.destroy();
      });
      request.once('response', (response) => answer(response.statusCode ?? 0, response));
      request.once('upgrade', (response, socket) => {
        socket.destroy();
        answer(response.statusCode ?? 0, undefined);
      });
      request.on('error', fail); // also after the answer: its own stream fails as well
      request.once('close', () => {
        if (!isAnswered) fail(coded('ECONNRESET')); // an Error for each request would cost a tenth of it
      });
      request.end(body); // Node counts its bytes: what it ends with is all there is
    });

  return {
    async send(request) {
      const { data } = await axios.request<Response>({ adapter: (config) => exchange(config, request) });
      return data;
    },
    close: () => (base.agent as http.Agent).destroy(), // routeTo() makes one
  };
}

function routeTo(target: Target): Route {
  const { endpoint, proxy, headers } = target;
  const url = new URL(endpoint);
  const isSecure = url.protocol === 'https:';
  const folder = url.pathname.replace(/\/+$/, '');
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

/** How far the writing of a request is. */
class Writing {
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
    const { socket } = this.#request;
    return socket !== null && !socket.connecting;
  }

  get isUnderWay(): boolean {
    return this.isConnected && !this.#isDone;
  }

  /** Whether it is done, or will be until then; else the request is over. */
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
