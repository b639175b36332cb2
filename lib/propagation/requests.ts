import { copyProperties } from '../common/copy-properties.js';
import { type InjectOptions, injectBeside } from './inject.js';

/** A function with the signature of `fetch`. */
export type Fetch = typeof globalThis.fetch;

/** Selects the requests that carry the context, and the parts of it that they carry. */
export interface RequestOptions extends InjectOptions {
  /**
   * Whether requests to this URL carry the context. Whoever receives a request can read the ids in it.
   * @defaultValue all requests do
   */
  readonly to?: ((url: URL) => boolean) | undefined;
}

/**
 * Makes a `fetch` whose requests carry the span that is current at the call. It returns what `fetch` returns.
 *
 * @param fetch - the function that makes the requests
 * @param options - which requests carry the span
 * @returns a function to call instead of `fetch`
 * @example
 * ```ts
 * import { injectingFetch } from 'pandaprobe-ts/propagation';
 *
 * const callService = injectingFetch(fetch, { to: (url) => url.hostname.endsWith('.internal') });
 * ```
 */
export function injectingFetch(fetch: Fetch = globalThis.fetch, options: RequestOptions = {}): Fetch {
  const injecting: Fetch = (input, init) => {
    const headers = headersFor(input, init, options);
    return headers === undefined ? fetch(input, init) : fetch(input, { ...init, headers });
  };
  copyProperties(fetch, injecting); // for methods of `fetch` itself, such as Bun's `fetch.preconnect`
  return injecting;
}

function headersFor(input: unknown, init: RequestInit | undefined, options: RequestOptions): Headers | undefined {
  try {
    const request = isRequest(input) ? input : undefined;
    if (!isSelected(request?.url ?? String(input), options)) return undefined;
    const headers = new Headers(init?.headers ?? request?.headers);
    const given = (name: string) => headers.get(name) ?? undefined;
    const carried = injectBeside(given, options);
    const names = Object.keys(carried);
    for (const name of names) headers.set(name, carried[name] ?? '');
    return names.length === 0 ? undefined : headers;
  } catch {
    return undefined; // fetch will report what is wrong with the request
  }
}

/** Whether this is a request of any `fetch`, which may have a class of its own, as undici's has. */
function isRequest(input: unknown): input is Pick<Request, 'url' | 'headers'> {
  return typeof input === 'object' && input !== null && 'url' in input && 'headers' in input;
}

/** The part of an axios instance that sees its requests. */
export interface AxiosLike<Config> {
  readonly interceptors: {
    readonly request: {
      /** Adds an interceptor. */
      use(onFulfilled: (config: Config) => Config): number;
      /** Removes it. */
      eject(id: number): void;
    };
  };
}

interface AxiosConfig {
  readonly url?: string | undefined;
  readonly baseURL?: string | undefined;
  readonly allowAbsoluteUrls?: boolean | undefined;
  headers?: object | undefined;
}

/**
 * Makes the requests of an axios instance carry the span that is current at the call.
 *
 * @param axios - the instance
 * @param options - which requests carry it
 * @returns a function that stops it
 * @example
 * ```ts
 * import { type AxiosLike, injectWithAxios } from 'pandaprobe-ts/propagation';
 *
 * declare const api: AxiosLike<object>; // axios.create()
 * injectWithAxios(api);
 * ```
 */
export function injectWithAxios<Config extends object>(
  axios: AxiosLike<Config>,
  options: RequestOptions = {},
): () => void {
  const { request } = axios.interceptors;
  const id = request.use((config) => {
    addTo(config, options);
    return config;
  });
  return () => request.eject(id);
}

function addTo(config: AxiosConfig, options: RequestOptions): void {
  try {
    if (!isSelected(axiosUrl(config), options)) return;
    const headers = config.headers ?? {};
    config.headers = headers;
    const keys = Object.keys(headers);
    const keyOf = (name: string) => keys.find((key) => key.toLowerCase() === name) ?? name;
    const given = (name: string) => {
      const found: unknown = Reflect.get(headers, keyOf(name));
      return typeof found === 'string' ? found : undefined;
    };
    const carried = injectBeside(given, options);
    for (const name of Object.keys(carried)) Reflect.set(headers, keyOf(name), carried[name]);
  } catch {
    // axios will report what is wrong with the request
  }
}

/** The URL that axios requests: it puts a relative one behind the path of the base, unlike `new URL(url, base)`. */
function axiosUrl({ url = '', baseURL, allowAbsoluteUrls }: AxiosConfig): string {
  const isAbsolute = /^([a-z][a-z\d+.-]*:)?\/\//i.test(url);
  if (!baseURL || (isAbsolute && allowAbsoluteUrls !== false)) return new URL(url, 'http://localhost').href;
  return url === '' ? baseURL : `${baseURL.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}`;
}

/** Whether a request to this URL carries the context. */
function isSelected(url: string, { to }: RequestOptions): boolean {
  return to === undefined || (URL.canParse(url) && to(new URL(url)));
}
