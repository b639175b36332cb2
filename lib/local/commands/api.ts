import { type exitCodes, LocalFailure } from '../failure.js';
import type { TraceListItem } from '../store/trace-list.js';
import { type CommandContext, textOption } from './command.js';

/** A span as a server gives it, as far as the commands read it. */
export interface ApiSpan {
  readonly span_id: string;
  readonly parent_span_id: string | null;
  readonly name: string;
  readonly kind: string;
  readonly status: string;
  readonly model: string | null;
  readonly token_usage: Readonly<Record<string, unknown>> | null;
  readonly cost: Readonly<Record<string, unknown>> | null;
  readonly error: string | null;
  readonly latency_ms: number | null;
  readonly time_to_first_token_ms: number | null;
}

/** A trace as a server gives it. */
export interface ApiTrace extends Omit<TraceListItem, 'latency_ms' | 'span_count'> {
  readonly spans: readonly ApiSpan[];
}

/** A score as a server gives it. */
export interface ApiScore {
  readonly name: string;
  readonly value: string;
  readonly data_type: string;
  readonly source: string;
  readonly reason: string | null;
  readonly metadata: object;
}

/** A part of a list. */
export interface ApiPage<T> {
  readonly items: readonly T[];
  readonly total: number;
}

/** Parameters of an address; what is undefined is left out. */
export type Params = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** The server when none is named. */
export const defaultEndpoint = 'http://127.0.0.1:7263';
const requestTimeoutMs = 30_000;

/** Calls a server: this program's own, or any that speaks the same calls. */
export class Api {
  readonly endpoint: string;
  readonly project: string;
  readonly #key: string;

  constructor(endpoint: string, key: string, project: string) {
    this.endpoint = endpoint;
    this.#key = key;
    this.project = project;
  }

  /** The server the options name, and the project: the one named, else the one used last. */
  static async of(context: CommandContext): Promise<Api> {
    const endpoint = endpointOf(context);
    const key = textOption(context, 'key') ?? context.environment.key ?? 'local';
    const named = textOption(context, 'project') ?? context.environment.project;
    if (named !== undefined) return new Api(endpoint, key, named);
    const { items } = await new Api(endpoint, key, '').get<{ items: readonly { name: string }[] }>('/local/projects');
    return new Api(endpoint, key, items[0]?.name ?? 'default');
  }

  get<T>(path: string, params: Params = {}): Promise<T> {
    return this.#json<T>('GET', path, params);
  }

  send<T>(method: 'POST' | 'PATCH', path: string, body: unknown): Promise<T> {
    return this.#json<T>(method, path, {}, JSON.stringify(body));
  }

  /** The answer of a call whose body is read piece by piece. */
  stream(path: string, params: Params, signal: AbortSignal): Promise<Response> {
    return this.#fetch('GET', path, params, undefined, signal);
  }

  async #json<T>(method: string, path: string, params: Params, body?: string): Promise<T> {
    const answer = await this.#fetch(method, path, params, body, AbortSignal.timeout(requestTimeoutMs));
    return (await answer.json()) as T; // the shape is the server's promise
  }

  async #fetch(method: string, path: string, params: Params, body: string | undefined, signal: AbortSignal) {
    const url = new URL(this.endpoint + path);
    for (const [name, value] of Object.entries(params)) {
      for (const each of Array.isArray(value) ? value : [value]) {
        if (each !== undefined) url.searchParams.append(name, String(each));
      }
    }
    let answer: Response;
    try {
      answer = await fetch(url, { method, headers: this.#headers(), signal, ...(body === undefined ? {} : { body }) });
    } catch (error) {
      if (signal.aborted && signal.reason?.name !== 'TimeoutError') throw error;
      throw new LocalFailure(
        'unreachable',
        `No server answers at ${this.endpoint}. Start one with: npx pandaprobe-ts local`,
        { cause: error },
      );
    }
    if (answer.ok) return answer;
    throw await failureOf(answer);
  }

  #headers(): Record<string, string> {
    const project: Record<string, string> = this.project === '' ? {} : { 'X-Project-Name': this.project };
    return { 'X-API-Key': this.#key, 'Content-Type': 'application/json', ...project };
  }
}

/** The address the options name. */
export function endpointOf(context: CommandContext): string {
  const endpoint = (textOption(context, 'endpoint') ?? defaultEndpoint).replace(/\/+$/, '');
  if (URL.canParse(endpoint) && /^https?:/.test(endpoint)) return endpoint;
  throw new LocalFailure(
    'usage',
    `--endpoint expects an address that starts with http:// or https://, got ${endpoint}`,
  );
}

async function failureOf(answer: Response): Promise<LocalFailure> {
  const body: unknown = await answer.json().catch(() => undefined);
  const detail =
    typeof body === 'object' && body !== null && 'detail' in body ? String(body.detail) : 'no reason given';
  const errors =
    typeof body === 'object' && body !== null && 'errors' in body && Array.isArray(body.errors)
      ? body.errors.map((each: { field?: unknown; message?: unknown }) => `; ${each.field}: ${each.message}`).join('')
      : '';
  const ending: keyof typeof exitCodes =
    answer.status === 404 ? 'notFound' : answer.status === 422 ? 'usage' : 'unreachable';
  return new LocalFailure(ending, `The server answered ${answer.status}: ${detail}${errors}`);
}
