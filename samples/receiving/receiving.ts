import { traceLink } from '../../lib/local/api/links.js';
import { type LocalServer, startLocalServer } from '../../lib/local/server/server.js';
import { viewerFolder } from '../../lib/local/viewer-folder.js';
import { checkBody } from './contract.js';
import type { StoredScore, StoredTrace } from './stored-trace.js';

/** The traces that have arrived. */
export interface Received {
  /** The stored traces with their scores. */
  readonly traces: readonly StoredTrace[];
  /** The number of write requests. */
  readonly requests: number;
  /** The violations of the backend's contract in these requests. */
  readonly problems: readonly string[];
  /** The address of each trace in the viewer. */
  readonly links: readonly string[];
}

/** A local server, as started by `npx pandaprobe-ts local`, whose requests are checked. */
export interface Receiving extends AsyncDisposable {
  readonly server: LocalServer;
  /** Reads the traces that the server has now. */
  readBack(): Promise<Received>;
}

/** Starts the local server on a free port, in memory, and checks each request against the backend's contract. */
export async function startReceiving(project: string): Promise<Receiving> {
  let requests = 0;
  const problems: string[] = [];
  const onBody = (call: string, body: unknown) => {
    requests += 1;
    problems.push(...checkBody(call, body).map((problem) => `${call}: ${problem}`));
  };
  const server = await startLocalServer({ path: ':memory:', viewerFolder, port: 0, onBody });

  async function get<T>(path: string): Promise<T> {
    const answer = await fetch(server.url + path, { headers: { 'X-API-Key': 'any', 'X-Project-Name': project } });
    if (!answer.ok) throw new Error(`GET ${path} was answered with ${answer.status}`);
    return (await answer.json()) as T; // the shape is the server's promise
  }

  async function readBack(): Promise<Received> {
    const { items } = await get<{ items: readonly { trace_id: string }[] }>('/traces?sort_order=asc');
    const ids = items.map((item) => item.trace_id);
    const traces = ids.map(async (traceId) => {
      const trace = await get<StoredTrace>(`/traces/${traceId}`);
      const scores = await get<StoredScore[]>(`/evaluations/trace-scores/${traceId}`);
      return { ...trace, scores };
    });
    const links = ids.map((traceId) => traceLink(server.url, traceId, project));
    return { traces: await Promise.all(traces), requests, problems, links };
  }

  return { server, readBack, [Symbol.asyncDispose]: () => server.close() };
}
