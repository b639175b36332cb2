import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type ReadRequest, readRequest } from '../../otel/reading/read-request.js';
import { decodeProtobuf } from '../../otel/wire/decode-protobuf.js';
import { AnswerError } from './answer.js';
import { readBytes } from './request-body.js';

/** The encoding of a request and its answer. */
export type OtlpEncoding = 'json' | 'protobuf';

const inflate = promisify(gunzip);

/** The encoding of a request; undefined for one that OTLP does not know. */
export function encodingOf(request: IncomingMessage): OtlpEncoding | undefined {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/json') return 'json';
  return type === 'application/x-protobuf' ? 'protobuf' : undefined;
}

/**
 * The uncompressed bytes of a request.
 *
 * @throws AnswerError with 413 if they are more than `maxBytes`, with 415 for any other compression than gzip, with 400 if they
 * are cut off
 */
export async function readInflated(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const bytes = await readBytes(request, maxBytes);
  const coding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (coding === 'identity' || coding === '') return bytes;
  if (coding !== 'gzip') throw new AnswerError({ status: 415, headers: { 'Accept-Encoding': 'gzip' } });
  try {
    return await inflate(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    const isLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    throw new AnswerError({ status: isLarge ? 413 : 400 });
  }
}

/**
 * Reads the spans from a request's bytes.
 * @throws SyntaxError, TypeError or RangeError if they are invalid
 */
export function readOtlp(bytes: Buffer, encoding: OtlpEncoding): ReadRequest {
  if (encoding === 'protobuf') return readRequest(decodeProtobuf(bytes));
  return readRequest(bytes.length === 0 ? {} : JSON.parse(bytes.toString('utf8')));
}
