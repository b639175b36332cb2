import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { isDeeper } from '../wire/depth.js';
import { Issues } from '../wire/issues.js';
import { maxDepth } from '../wire/platform-faults.js';
import { addTextFaults } from '../wire/text-faults.js';
import { AnswerError, invalid, refusal } from './answer.js';

/** Largest body that is taken, in bytes. */
export const defaultMaxBodyBytes = 32 * 1024 * 1024;

/** Up to this many times the limit is read and discarded, because a sender reads the answer only after it has sent its body. */
const drainFactor = 4;

/**
 * The bytes of a request.
 *
 * @throws AnswerError with 413 when there are more than `maxBytes`; what is left is read and thrown away first
 */
export function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  // With events: for a body that came with its headers, a loop over the stream takes several times as long.
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else chunks.length = 0;
      if (size <= maxBytes * drainFactor) return;
      request.pause();
      reject(new AnswerError(tooLarge(maxBytes)));
    });
    request.once('end', () => {
      if (size > maxBytes) reject(new AnswerError(tooLarge(maxBytes)));
      else resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
    });
    request.once('error', reject);
    request.once('close', () => request.complete || reject(new Error('the sender cut the connection')));
  });
}

function tooLarge(maxBytes: number) {
  return refusal(413, `The body is larger than ${maxBytes} bytes.`, { Connection: 'close' });
}

/**
 * A body as text and as JSON value; the value is undefined for an empty body. A body whose type is not JSON counts as a text, as
 * on the platform, where no call takes one.
 *
 * @throws AnswerError with 400 or 422 if it is not JSON, with 500 if it is nested too deeply
 */
export function parseBody(bytes: Buffer, type: string | undefined): { readonly text: string; readonly body: unknown } {
  if (bytes.length === 0) return { text: '', body: undefined };
  if (!isUtf8(bytes)) throw new AnswerError(refusal(400, 'There was an error parsing the body'));
  const text = bytes.toString('utf8');
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type ?? '')) return { text, body: text };
  return { text, body: readJson(text) };
}

/**
 * Parses a JSON text.
 *
 * @throws AnswerError with 422 if it is not JSON or has a text that cannot be stored, with 500 if it is nested too deeply
 */
export function readJson(text: string): unknown {
  const body = parseJson(text);
  if (isDeeper(text, maxDepth)) {
    const why = `the body is nested deeper than ${maxDepth}, to which the platform answers 500 each time`;
    throw new AnswerError(refusal(500, `Internal server error: ${why}`));
  }
  const issues = new Issues();
  addTextFaults(text, body, issues);
  if (issues.list.length > 0) throw new AnswerError(invalid(issues.list));
  return body;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const place = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1] ?? String(text.length);
    throw new AnswerError(invalid([{ field: place, message: 'JSON decode error' }]));
  }
}
