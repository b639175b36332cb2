import http from 'node:http';
import type { Agent } from 'node:https';
import type { Readable } from 'node:stream';
import { urlToHttpOptions } from 'node:url';
import type { Axios, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import AxiosCore from 'axios/unsafe/core/Axios.js';
import { https } from '../common/builtins.js';

/**
 * The only file that knows axios. Nothing of axios leaves it but the answer: an axios error carries our key in its headers.
 *
 * Ours is a plain request to one host, so axios gets an adapter of a few lines on node:http. Its own one loads form data,
 * redirects and five kinds of compression: 100 ms until the first request, 13 MB, and a quarter more time for each. Where
 * the environment asks for a proxy, that one is used after all.
 */

/** One request. */
export interface Request {
  readonly method: 'GET' | 'POST';
  /** What follows the endpoint. */
  readonly path: string;
  readonly body: Buffer | string | undefined;
  readonly id: string;
  /** Takes what ends the request before its time. */
  onStop(stop: () => void): void;
}

export type Response = Pick<AxiosResponse<Readable>, 'status' | 'headers' | 'data'>;

/** The one header of an answer that is read. The others are not handed to axios, which would copy them. */
export const usedHeader = 'retry-after';

/** Where requests go, and how. */
export interface Target {
  readonly endpoint: string;
  /** On every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly httpAgent: http.Agent;
  /** Undefined where no TLS is used. */
  readonly httpsAgent: Agent | undefined;
  readonly usesProxy: boolean;
}

/** Makes a function that resolves with the head of the answer, whatever its status, and rejects when none came. */
export function createRequester(target: Target): (request: Request) => Promise<Response> {
  return target.usesProxy ? throughProxy(target) : straight(target);
}

/**
 * Through axios's core alone. What is the same for all requests is not given to axios, which would copy it each time:
 * that was a fifth of the time a request takes.
 */
function straight({ endpoint, headers, httpAgent, httpsAgent }: Target): (request: Request) => Promise<Response> {
  const url = new URL(endpoint);
  const isSecure = url.protocol === 'https:';
  const base = { ...urlToHttpOptions(url), agent: isSecure ? httpsAgent : httpAgent };
  const folder = url.pathname.replace(/\/+$/, '');
  // Not axios.create(): that starts from the application's own axios.defaults, and would send us its headers.
  const axios: Axios = new AxiosCore();

  const exchange = (config: InternalAxiosRequestConfig, { method, path, body, id, onStop }: Request) =>
    new Promise<AxiosResponse>((resolve, reject) => {
      const options = { ...base, method, path: folder + path, headers: headersOf(headers, id, body) };
      const request = (isSecure ? https() : http).request(options);
      onStop(() => request.destroy(new Error('stopped')));
      request.once('error', reject);
      request.once('response', (response) => {
        request.on('error', () => {}); // the response's own stream fails as well
        const { statusCode: status = 0, statusMessage: statusText = '' } = response;
        const { [usedHeader]: value } = response.headers;
        const answered = value === undefined ? {} : { [usedHeader]: value };
        resolve({ data: response, status, statusText, headers: answered, config, request });
      });
      request.end(body); // Node counts its bytes: what it ends with is all there is
    });

  return (request) => axios.request<Readable>({ adapter: (config) => exchange(config, request) });
}

/** Through the whole of axios, which knows about proxies. */
function throughProxy({ endpoint, headers, httpAgent, httpsAgent }: Target): (request: Request) => Promise<Response> {
  const common = {
    httpAgent,
    httpsAgent,
    adapter: 'http',
    maxRedirects: 0,
    maxBodyLength: Number.POSITIVE_INFINITY,
    responseType: 'stream',
    validateStatus: () => true,
    headers: {},
  } as const;
  let axios: Axios | undefined;
  return async ({ method, path, body, id, onStop }) => {
    const controller = new AbortController();
    onStop(() => controller.abort());
    // Within a request, whose failure is looked after: the package may not be there.
    axios ??= new (await import('axios')).Axios(common);
    const { signal } = controller;
    return axios.request<Readable>({
      method,
      url: endpoint + path,
      data: body,
      headers: headersOf(headers, id, body),
      signal,
    });
  };
}

function headersOf(common: Readonly<Record<string, string>>, id: string, body: unknown): Record<string, string> {
  const headers: Record<string, string> = { ...common, 'X-Request-ID': id };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  return headers;
}
