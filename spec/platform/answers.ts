import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it came in. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: unknown;
}

/** What a request is answered with. `cut` closes the socket, `hang` never answers, `half` cuts the body. */
export type Given =
  | 'cut'
  | 'hang'
  | {
      readonly status?: number;
      readonly body?: unknown;
      readonly headers?: Record<string, string>;
      readonly half?: boolean;
    };

/** A server whose answers a spec decides. */
export interface Answering extends AsyncDisposable {
  readonly url: string;
  readonly asked: Asked[];
}

/** Starts it. `give` gets each request and how many came before it. */
export async function startAnswering(give: (asked: Asked, index: number) => Given): Promise<Answering> {
  const asked: Asked[] = [];
  const server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://spec');
      const text = Buffer.concat(chunks).toString();
      const one: Asked = {
        method: request.method ?? '',
        path: pathname,
        query: searchParams,
        headers: request.headers,
        body: text === '' ? undefined : JSON.parse(text),
      };
      const given = give(one, asked.push(one) - 1);
      if (given === 'hang') return;
      if (given === 'cut') return void request.socket.destroy();
      const { status = 200, body, headers, half = false } = given;
      const json = typeof body === 'string' ? body : JSON.stringify(body ?? null);
      response.writeHead(status, {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(json),
        ...headers,
      });
      if (!half) return void response.end(json);
      response.write(json.slice(0, 1), () => request.socket.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** `n` as the id of something. */
export function id(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

/** An evaluation as the platform describes it. Source: OpenAPI, `EvalRunResponse`. */
export function run(n: number, status: string, more: object = {}) {
  return {
    ...{ id: id(n), name: null, status, metric_names: ['task_completion'], total_traces: 1, evaluated_count: 1 },
    ...{ failed_count: 0, created_at: '2026-11-01T10:00:00+00:00', completed_at: null, project_id: id(900) },
    ...{
      target_type: 'TRACE',
      filters: {},
      sampling_rate: 1,
      model: null,
      monitor_id: null,
      error_message: null,
      ...more,
    },
  };
}

/** A score as the platform describes it. Source: OpenAPI, `TraceScoreResponse`. */
export function scoreOf(trace: number, more: object = {}) {
  return {
    ...{ id: id(trace + 500), trace_id: id(trace), project_id: id(900), name: 'task_completion', value: '0.9' },
    ...{ status: 'SUCCESS', source: 'AUTOMATED', data_type: 'NUMERIC', eval_run_id: id(1), author_user_id: null },
    ...{ reason: 'done', environment: null, config_id: null, metadata: {}, created_at: '2026-11-01T10:00:00+00:00' },
    ...{ updated_at: '2026-11-01T10:00:00+00:00', ...more },
  };
}
