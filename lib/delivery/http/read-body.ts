import type { IncomingMessage } from 'node:http';
import { zlib } from '../../common/builtins.js';
import type { Deadline } from './deadline.js';

/** Most bytes of a response that are read. Complaints about 500 spans fit. */
const maxAnswerBytes = 1_048_576;

/** The body of a response. */
export interface ResponseBody {
  readonly bytes: Buffer;
  /** `long`: longer than is read. `cut`: its end did not come, or not in time. */
  readonly ending: 'whole' | 'long' | 'cut';
}

/** Reads a body until the deadline. What was read until then is kept, because the status counts more than the body. Never rejects. */
export async function readBody(response: IncomingMessage, deadline: Deadline): Promise<ResponseBody> {
  const { bytes, ending } = await readAll(response, deadline);
  const encoding = response.headers['content-encoding'];
  return { bytes: encoding === undefined ? bytes : decoded(bytes, encoding), ending };
}

function readAll(
  response: IncomingMessage,
  deadline: Deadline,
): Promise<{ bytes: Buffer; ending: ResponseBody['ending'] }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (ending: ResponseBody['ending']) => {
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

/** Decodes a body: some proxies compress it although we do not ask for it. Unchanged if the encoding is unknown or broken. */
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
