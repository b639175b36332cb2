import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { PeerSpan } from './arrived.js';
import { otlpSpans, pandaProbeSpans } from './decode.js';
import { Runs } from './decode-langsmith.js';

/** The backend of every product: what its own would get, as spans. */
export interface PeerSink extends AsyncDisposable {
  readonly url: string;
  /** What has come since the last time, and forgets it. @throws Error when a body could not be read */
  take(): readonly PeerSpan[];
}

/** What LangSmith's service says of itself. */
const info = {
  version: '0.13.0',
  batch_ingest_config: { use_multipart_endpoint: true, size_limit: 100, size_limit_bytes: 20_971_520 },
  instance_flags: { gzip_body_enabled: true },
};

export async function startPeerSink(): Promise<PeerSink> {
  let spans: PeerSpan[] = [];
  let runs = new Runs();
  let unread: string[] = [];

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => {});
    request.on('end', () => {
      const path = (request.url ?? '').split('?', 1)[0] ?? '';
      const { 'content-type': type = '', 'content-encoding': encoding = '' } = request.headers;
      try {
        const bytes = Buffer.concat(chunks);
        keep(path, type, encoding === 'gzip' ? gunzipSync(bytes) : bytes);
      } catch (error) {
        unread.push(`${path} (${type}, ${encoding}): ${error}`);
      }
      const isOk = path === '/info' || path.endsWith('/v1/traces');
      response.writeHead(isOk ? 200 : 202, { 'content-type': 'application/json' });
      response.end(JSON.stringify(path === '/info' ? info : {}));
    });
  });

  function keep(path: string, type: string, body: Buffer): void {
    const json = () => JSON.parse(body.toString('utf8')) as unknown;
    if (path === '/runs/multipart') runs.add(type, body);
    else if (path.endsWith('/v1/traces')) spans.push(...otlpSpans(json()));
    else if (/^\/traces(\/[^/]+\/spans)?$/.test(path)) spans.push(...pandaProbeSpans(path, json()));
    else if (path !== '/info' && body.length > 0) throw new Error('not known');
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    take() {
      const all = [...new Map([...spans, ...runs.spans].map((span) => [span.id, span])).values()];
      const [first] = unread;
      [spans, runs, unread] = [[], new Runs(), []];
      if (first !== undefined) throw new Error(first);
      return all;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
