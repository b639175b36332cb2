import http from 'node:http';
import type { Agent } from 'node:https';
import type { Readable } from 'node:stream';
import type { Axios, AxiosAdapter, AxiosResponse, RawAxiosRequestHeaders } from 'axios';
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
  readonly url: string;
  readonly body: Buffer | string | undefined;
  readonly headers: RawAxiosRequestHeaders;
  readonly signal: AbortSignal;
}

export type Response = Pick<AxiosResponse<Readable>, 'status' | 'headers' | 'data'>;

/** The sockets to use; those for TLS only where it is used. */
export interface Agents {
  readonly httpAgent: http.Agent;
  readonly httpsAgent: Agent | undefined;
}

/** Makes a function that resolves with the head of the answer, whatever its status, and rejects when none came. */
export function createRequester(agents: Agents, usesProxy: boolean): (request: Request) => Promise<Response> {
  const common = {
    ...agents,
    maxRedirects: 0,
    maxBodyLength: Number.POSITIVE_INFINITY,
    responseType: 'stream',
    validateStatus: () => true,
    headers: {},
  } as const;
  // Not axios.create(): that starts from the application's own axios.defaults, and would send us its headers.
  let axios: Axios | undefined = usesProxy ? undefined : new AxiosCore({ ...common, adapter: plainAdapter });
  return async ({ method, url, body, headers, signal }) => {
    // Within a request, whose failure is looked after: the package may not be there.
    axios ??= new (await import('axios')).Axios({ ...common, adapter: 'http' });
    return axios.request<Readable>({ method, url, data: body, headers, signal });
  };
}

/** Sends a text, or nothing; gives back the answer's head with its body as a stream. */
const plainAdapter: AxiosAdapter = (config) =>
  new Promise((resolve, reject) => {
    const url = new URL(config.url ?? '');
    const isSecure = url.protocol === 'https:';
    const body: Request['body'] = config.data;
    const headers = config.headers.toJSON() as http.OutgoingHttpHeaders; // strings, as they came in
    if (body !== undefined) headers['Content-Length'] = Buffer.byteLength(body);
    const options = {
      method: config.method?.toUpperCase(),
      headers,
      agent: isSecure ? config.httpsAgent : config.httpAgent,
      signal: config.signal as AbortSignal,
    };
    const request = (isSecure ? https() : http).request(url, options);
    request.once('error', reject);
    request.once('response', (response) => {
      request.on('error', () => {}); // the response's own stream fails as well
      const { statusCode: status = 0, statusMessage: statusText = '', headers: answered } = response;
      resolve({ data: response, status, statusText, headers: answered as Record<string, string>, config, request });
    });
    request.end(body);
  });
