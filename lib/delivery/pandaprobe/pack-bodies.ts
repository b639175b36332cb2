import { byteLength } from '../../model/capture-text.js';
import { maxBytesPerUnit } from '../../model/text.js';

/** Limits of one request. */
export interface BodyLimits {
  /** Most spans. */
  readonly maxSpans: number;
  /** Most bytes. */
  readonly maxBytes: number;
}

/**
 * Distributes spans over as few bodies as their number and bytes allow. A span that is too large for every body gets one of its own.
 * @param spans - the JSON of each
 * @param open - beginning of the first body; the others begin with `[`
 * @param close - end of the first body; the others end with `]`
 */
export function packBodies(spans: readonly string[], limits: BodyLimits, open: string, close: string): string[] {
  const bodies: string[] = [];
  let body = open;
  let end = close;
  let count = 0;
  let bytes = byteLength(open) + close.length;
  // Bytes are counted only if there may be too many, because counting reads every character.
  let isCounted = false;
  for (const text of spans) {
    let size = isCounted ? byteLength(text) + 1 : text.length * maxBytesPerUnit + 1;
    if (!isCounted && bytes + size > limits.maxBytes) {
      isCounted = true;
      bytes = byteLength(body) + end.length;
      size = byteLength(text) + 1;
    }
    if ((count > 0 && bytes + size > limits.maxBytes) || count === limits.maxSpans || (count === 0 && isTight(bytes))) {
      bodies.push(body + end);
      body = '[';
      end = ']';
      count = 0;
      bytes = 2;
      isCounted = false;
    }
    body += count === 0 ? text : `,${text}`;
    bytes += size;
    count += 1;
  }
  bodies.push(body + end);
  return bodies;

  /** Whether the fields of the trace fill more than half of the body: then it is sent without spans. */
  function isTight(used: number): boolean {
    return bodies.length === 0 && open !== '[' && used > limits.maxBytes / 2;
  }
}
