import type { IncomingMessage } from 'node:http';
import { zlib } from '../../common/builtins.js';
import type { Deadline } from './deadline.js';

/** Most of an answer that is read, in bytes; complaints about 500 spans fit. */
const maxAnswerBytes = 1_048_576;

/** What came of a body. */
export interface Body {
  readonly bytes: Buffer;
  /** `long`: more than is read. `cut`: its end did not come, or not in time. */
  readonly ending: 'whole' | 'long' | 'cut';
}

/** Reads what comes before the time is over: a status that came is worth more than the rest of its explanation. Never rejects. */
export async function readBody(response: IncomingMessage, deadline: Deadline): Promise<Body> {
  const { bytes, ending } = await readAll(response, deadline);
  const encoding = response.headers['content-encoding'];
  return { bytes: encoding === undefined ? bytes : decoded(bytes, encoding), ending };
}

function readAll(response: IncomingMessage, deadline: Deadline): Promise<{ bytes: Buffer; ending: Body['ending'] }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (ending: Body['ending']) => {
      const [only] = chunks;
      resolve({ bytes: chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks), ending });
      if (ending !== 'whole') response.destroy();
    };
    deadline.onOver(() => end('cut'));
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxAnswerBytes) end('long');
    });
    response.once('end', () => end(response.complete ? 'whole' : 'cut'));
    response.on('error', () => end('cut'));
    response.once('close', () => end('cut'));
  });
}

/** We ask for no encoding; some proxies encode all the same. As it is where that is none we know, or it is broken. */
function decoded(bytes: Buffer, encoding: string): Buffer {
  const limit = { maxOutputLength: maxAnswerBytes };
  try {
    switch (encoding.trim().toLowerCase()) {
      case 'gzip':
      case 'x-gzip':
        return zlib().gunzipSync(bytes, limit);
      case 'deflate':
        return zlib().inflateSync(bytes, limit);
      case 'br':
        return zlib().brotliDecompressSync(bytes, limit);
      default:
        return bytes;
    }
  } catch {
    return bytes;
  }
}
