import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { Issues } from '../wire/issues.js';
import { noteTextFaults } from '../wire/text-faults.js';
import { AnswerError, invalid, refusal } from './answer.js';

/** Largest body that is taken, in bytes. */
export const defaultMaxBodyBytes = 32 * 1024 * 1024;

/** How many times the limit is read and thrown away, so that the sender gets to see the answer. */
const drainFactor = 4;

/**
 * The bytes of a request.
 *
 * @throws AnswerError with 413 when there are more than `maxBytes`; what is left is read and thrown away first
 */
export async function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
    if (size > maxBytes * drainFactor) break;
  }
  if (size > maxBytes) throw new AnswerError(tooLarge(maxBytes));
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

function tooLarge(maxBytes: number) {
  return refusal(413, `The body is larger than ${maxBytes} bytes.`, { Connection: 'close' });
}

/** The JSON value of a body; undefined for an empty one. @throws AnswerError with 400 or 422 when it is none */
export function parseBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw new AnswerError(refusal(400, 'There was an error parsing the body'));
  const text = bytes.toString('utf8');
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    const place = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1] ?? String(text.length);
    throw new AnswerError(invalid([{ field: place, message: 'JSON decode error' }]));
  }
  const issues = new Issues();
  noteTextFaults(text, body, issues);
  if (issues.list.length > 0) throw new AnswerError(invalid(issues.list));
  return body;
}
