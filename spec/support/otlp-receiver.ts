import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import type { OtelSpan } from '../../lib/otel/otel-span.js';
import { readRequest } from '../../lib/otel/reading/read-request.js';
import { decodeProtobuf } from '../../lib/otel/wire/decode-protobuf.js';

/** One export as it came in. */
export interface ReceivedExport {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly spans: readonly OtelSpan[];
  readonly bytes: number;
  /** The size before compression. */
  readonly inflatedBytes: number;
}

/** The answer. With a status of 2xx, the spans of the request are kept. `cut`: the socket is closed, and nothing is kept. */
export type ExportAnswer =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Buffer }
  | 'cut';

/** A receiver of OTLP over HTTP that keeps accepted spans. */
export interface OtlpReceiver extends AsyncDisposable {
  /** With the path `/v1/traces`. */
  readonly url: string;
  readonly exports: readonly ReceivedExport[];
  /** All accepted spans; a span that was accepted twice is in it twice. */
  readonly spans: readonly OtelSpan[];
  answer: (received: ReceivedExport, index: number) => ExportAnswer | undefined;
}

/** Starts one on this machine. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const exports: ReceivedExport[] = [];
  const spans: OtelSpan[] = [];
  const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    const bytes = await buffer(request);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
    const isJson = request.headers['content-type'] === 'application/json';
    const read = readRequest(isJson ? JSON.parse(body.toString()) : decodeProtobuf(body));
    if (read.rejected > 0) throw new Error('an export has spans that no receiver takes');
    const { url = '', headers } = request;
    const received = { path: url, headers, spans: read.spans, bytes: bytes.length, inflatedBytes: body.length };
    exports.push(received);
    const answer = receiver.answer(received, exports.length - 1) ?? {};
    if (answer === 'cut') return void request.socket.destroy();
    const { status = 200, headers: more = {}, body: text = isJson ? '{}' : '' } = answer;
    if (status < 300) spans.push(...read.spans);
    response.writeHead(status, { 'Content-Type': isJson ? 'application/json' : 'application/x-protobuf', ...more });
    response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: OtlpReceiver = {
    ...{ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`, exports, spans },
    answer: () => undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}
