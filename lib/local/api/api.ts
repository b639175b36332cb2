import { type CommandContext, textOption } from '../command-line/command.js';
import { type ExitReason, LocalFailure } from '../failure.js';
import type { TraceListItem } from '../store/trace-list.js';
import { checkProjectName, projectsAt, unknownProject } from './projects-at.js';
import { type Reply, request } from './request.js';

/** The part of a server's span that the commands read. */
export interface ApiSpan {
  readonly span_id: string;
  readonly parent_span_id: string | null;
  readonly name: string;
  readonly kind: string;
  readonly status: string;
  readonly started_at: string;
  readonly model: string | null;
  readonly token_usage: Readonly<Record<string, unknown>> | null;
  readonly cost: Readonly<Record<string, unknown>> | null;
  readonly error: string | null;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly latency_ms: number | null;
  readonly time_to_first_token_ms: number | null;
}

/** The part of a server's trace that the commands read. */
export interface ApiTrace extends Omit<TraceListItem, 'latency_ms' | 'span_count'> {
  readonly input?: unknown;
  readonly output?: unknown;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly spans: readonly ApiSpan[];
}

/** The part of a server's score that the commands read. */
export interface ApiScore {
  readonly trace_id: string;
  readonly name: string;
  readonly value: string;
  readonly data_type: string;
  readonly source: string;
  readonly reason: string | null;
  readonly metadata: object;
}

/** One page of a list. */
export interface ApiPage<T> {
  readonly items: readonly T[];
  readonly total: number;
}

/** Parameters of a URL; undefined ones are left out. */
export type Params = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** The server when none is named. */
export const defaultEndpoint = 'http://127.0.0.1:7263';
/** Most items of a page of a list. */
export const maxPage = 200;
const requestTimeoutMs = 30_000;

/** Calls a server: a local one, or any other with the same API. */
export class Api {
  readonly endpoint: string;
  readonly project: string;
  /** Whether the user named the project. */
  readonly isNamed: boolean;
  readonly #key: string;
  readonly #signal: AbortSignal | undefined;

  constructor(endpoint: string, key: string, project: string, signal?: AbortSignal, isNamed = true) {
    this.endpoint = endpoint;
    this.#key = key;
    this.project = project;
    this.#signal = signal;
    this.isNamed = isNamed;
  }

  /**
   * The server named by the options, and the project: the named one, else the last used.
   *
   * @param mayBeNew - whether the project may not exist yet, because it will be created
   * @throws LocalFailure if a local server does not have the project
   */
  static async of(context: CommandContext, mayBeNew = false): Promise<Api> {
    const endpoint = endpointOf(context);
    const key = textOption(context, 'key') ?? context.environment.key ?? 'local';
    const { signal } = context;
    const named = textOption(context, 'project') ?? context.environment.project;
    if (named !== undefined) checkProjectName(context, named);
    if (named !== undefined && mayBeNew) return new Api(endpoint, key, named, signal);
    const known = await projectsAt(new Api(endpoint, key, '', signal));
    if (known === undefined && named === undefined) {
      const why = `${endpoint} is no local server and does not list its projects`;
      throw new LocalFailure('usage', `${why}: name one with --project or PANDAPROBE_PROJECT_NAME`);
    }
    if (named === undefined) return new Api(endpoint, key, known?.[0]?.name ?? 'default', signal, false);
    if (known?.every(({ name }) => name !== named) === true) throw unknownProject(named, known);
    return new Api(endpoint, key, named, signal);
  }

  /** The same server, for another project. */
  for(project: string): Api {
    return new Api(this.endpoint, this.#key, project, this.#signal);
  }

  get<T>(path: string, params: Params = {}): Promise<T> {
    return this.#json<T>('GET', path, params);
  }

  /** As {@link get}; undefined if there is no such thing, such as a trace that was removed since it was listed. */
  async getIfThere<T>(path: string): Promise<T | undefined> {
    try {
      return await this.get<T>(path);
    } catch (error) {
      if (error instanceof LocalFailure && error.ending === 'notFound') return undefined;
      throw error;
    }
  }

  send<T>(method: 'POST' | 'PATCH', path: string, body: unknown): Promise<T> {
    return this.#json<T>(method, path, {}, JSON.stringify(body));
  }

  /** Sends lines of JSON. */
  sendLines<T>(path: string, lines: string): Promise<T> {
    return this.#json<T>('POST', path, {}, lines, 'application/x-ndjson');
  }

  /** Makes a call and returns the lines of its answer. */
  async readLines(path: string, body: unknown): Promise<readonly string[]> {
    const text = await this.#text('POST', path, {}, JSON.stringify(body));
    return text === '' ? [] : text.split('\n');
  }

  /** Makes a call whose answer is read in pieces. */
  async stream(path: string, params: Params, signal: AbortSignal): Promise<Response> {
    let answer: Response;
    try {
      answer = await fetch(this.#url(path, params), { headers: this.#headers(), redirect: 'manual', signal });
    } catch (error) {
      throw signal.aborted ? error : this.#unreachable(error);
    }
    if (answer.ok) return answer;
    throw failureOf({ status: answer.status, text: await answer.text() });
  }

  async #json<T>(method: string, path: string, params: Params, body?: string, type?: string): Promise<T> {
    const answer = parseJson(await this.#text(method, path, params, body, type));
    if (answer !== undefined) return answer as T; // the shape is the server's promise
    throw new LocalFailure('unreachable', `The server at ${this.endpoint} answered something that is no JSON.`);
  }

  async #text(method: string, path: string, params: Params, body?: string, type?: string): Promise<string> {
    if (this.#isStopped()) throw interrupted();
    const ending = new AbortController();
    const stop = () => ending.abort();
    const timer = setTimeout(stop, requestTimeoutMs);
    this.#signal?.addEventListener('abort', stop);
    const { signal } = ending;
    let reply: Reply;
    try {
      reply = await request(this.#url(path, params), { method, headers: this.#headers(type), body, signal });
    } catch (error) {
      if (this.#isStopped()) throw interrupted();
      throw signal.aborted ? this.#timedOut(error) : this.#unreachable(error);
    } finally {
      clearTimeout(timer);
      this.#signal?.removeEventListener('abort', stop);
    }
    if (reply.status < 200 || reply.status > 299) throw failureOf(reply);
    return reply.text;
  }

  #isStopped(): boolean {
    return this.#signal?.aborted === true;
  }

  #url(path: string, params: Params): URL {
    const url = new URL(this.endpoint + path);
    for (const [name, value] of Object.entries(params)) {
      for (const each of Array.isArray(value) ? value : [value]) {
        if (each !== undefined) url.searchParams.append(name, String(each));
      }
    }
    return url;
  }

  #unreachable(cause: unknown): LocalFailure {
    const what = `No server answers at ${this.endpoint}. Start one with: npx pandaprobe-ts local`;
    return new LocalFailure('unreachable', what, { cause });
  }

  #timedOut(cause: unknown): LocalFailure {
    const what = `The server at ${this.endpoint} did not answer within ${requestTimeoutMs / 1000} s.`;
    return new LocalFailure('unreachable', what, { cause });
  }

  #headers(type = 'application/json'): Record<string, string> {
    const project: Record<string, string> = this.project === '' ? {} : { 'X-Project-Name': this.project };
    return { 'X-API-Key': this.#key, 'Content-Type': type, ...project };
  }
}

/** The endpoint from the options, else from the variable. */
export function endpointOf(context: CommandContext): string {
  const option = textOption(context, 'endpoint');
  const endpoint = (option ?? context.environment.endpoint ?? defaultEndpoint).replace(/\/+$/, '');
  if (URL.canParse(endpoint) && /^https?:/.test(endpoint)) return endpoint;
  const name = option === undefined ? 'PANDAPROBE_ENDPOINT' : '--endpoint';
  throw new LocalFailure('usage', `${name} expects an address that starts with http:// or https://, got ${endpoint}`);
}

/** The failure of a command that the user has stopped. */
export function interrupted(what = 'stopped before it was done'): LocalFailure {
  return new LocalFailure('interrupted', what);
}

function failureOf({ status, text }: Reply): LocalFailure {
  const body = parseJson(text);
  const detail =
    typeof body === 'object' && body !== null && 'detail' in body ? String(body.detail) : 'no reason given';
  const errors =
    typeof body === 'object' && body !== null && 'errors' in body && Array.isArray(body.errors)
      ? body.errors.map((each: { field?: unknown; message?: unknown }) => `; ${each.field}: ${each.message}`).join('')
      : '';
  const endings: Readonly<Record<number, ExitReason>> = { 404: 'notFound', 422: 'usage' };
  return new LocalFailure(endings[status] ?? 'unreachable', `The server answered ${status}: ${detail}${errors}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
