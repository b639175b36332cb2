import http from 'node:http';
import { type Replies, replyTexts } from './provider-replies.js';
import { type Body, Spans } from './wire-formats.js';

/*
 * The one backend of a run, in a process of its own. It takes whatever any peer sends, keeps the bodies as they are and
 * reads them only when asked for counts, so that it costs as little of the measured time as it can.
 *
 *   /bench/mode?is=ok | hang | fail     what it does from here on
 *   /bench/reset                        forgets what came
 *   /bench/counts, /bench/spans         what came
 *   /v1/chat/completions, /v1/messages  answers as a provider does
 *
 * Started by the harness, which reads the port from the first line, and ends it.
 */

/** Bodies beyond this are counted and not kept. */
const maxKeptBytes = 3 * 2 ** 30;

let mode = 'ok';
let bodies: Body[] = [];
let keptBytes = 0;
let requests = 0;
const hanging = new Set<http.ServerResponse>();

function control(url: URL): unknown {
  switch (url.pathname) {
    case '/bench/mode':
      mode = url.searchParams.get('is') ?? 'ok';
      for (const response of hanging) response.destroy();
      hanging.clear();
      return { mode };
    case '/bench/reset':
      bodies = [];
      keptBytes = 0;
      requests = 0;
      return {};
    case '/bench/counts': {
      const spans = read();
      return {
        requests,
        bytes: keptBytes,
        ended: spans.all.filter((span) => span.hasEnded).length,
        unread: spans.unread,
      };
    }
    default:
      return read().all;
  }
}

function read(): Spans {
  const spans = new Spans();
  for (const body of bodies) spans.read(body);
  return spans;
}

function answer(response: http.ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function reply(response: http.ServerResponse, { whole, streamed }: Replies, request: Buffer): void {
  const isStream = request.includes('"stream":true');
  response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' });
  response.end(isStream ? streamed : whole);
}

/** The answer of LangSmith's service about itself. */
const info = {
  version: '0.13.0',
  batch_ingest_config: { use_multipart_endpoint: true, size_limit: 100, size_limit_bytes: 20_971_520 },
  instance_flags: { gzip_body_enabled: true },
};

const server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const { url: path = '/' } = request;
  if (path.startsWith('/bench/')) return answer(response, 200, control(new URL(path, 'http://sink')));
  const chunks: Buffer[] = [];
  request.on('error', () => {});
  request.on('data', (chunk: Buffer) => mode === 'ok' && chunks.push(chunk));
  request.on('end', () => {
    requests += 1;
    if (mode === 'hang') return hanging.add(response);
    if (mode === 'fail') return answer(response, 503, { detail: 'down' });
    if (path === '/info') return answer(response, 200, info);
    const replies = replyTexts[path];
    if (replies !== undefined) return reply(response, replies, Buffer.concat(chunks));
    const { 'content-type': type = '', 'content-encoding': encoding = '' } = request.headers;
    const bytes = Buffer.concat(chunks);
    keptBytes += bytes.length;
    if (keptBytes < maxKeptBytes) bodies.push({ path, type, encoding, bytes });
    answer(response, path.endsWith('/v1/traces') ? 200 : 202, {});
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(typeof address === 'object' && address !== null ? address.port : 0);
});
// The harness has ended.
process.stdin.resume().once('end', () => process.exit(0));
