import { performance } from '../../common/real-time.js';
import type { Transport, TransportAnswer } from '../http/transport.js';
import { itemNames } from '../queue/item.js';
import type { Job } from '../wire/job-codec.js';

/** `transport`, with a line in `lines` for each request it makes for these jobs. Only for `debug: true`. */
export function logged(transport: Transport, jobs: readonly Job[], lines: string[]): Transport {
  const items = jobs.map(({ kind, traceId }) => `${itemNames[kind]} ${traceId}`).join(', ');
  const counted = `${jobs.length} ${jobs.length === 1 ? 'item' : 'items'} (${items})`;

  async function time(request: string, bytes: number, made: Promise<TransportAnswer>): Promise<TransportAnswer> {
    const startedAt = performance.now();
    const answer = await made;
    const came = answer.kind === 'answer' ? String(answer.status) : answer.what;
    const ms = Math.round(performance.now() - startedAt);
    const { requestId } = answer;
    lines.push(`${request}, ${bytes} bytes: ${came} in ${ms} ms; ${counted}, request ${requestId}`);
    return answer;
  }
  return {
    ...transport,
    post: (path, body, ...rest) => time(`POST ${path}`, Buffer.byteLength(body), transport.post(path, body, ...rest)),
    get: (path, ...rest) => time(`GET ${path}`, 0, transport.get(path, ...rest)),
  };
}
