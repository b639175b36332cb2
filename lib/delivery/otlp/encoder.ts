import { pandaProbeEncoder } from '../pandaprobe/encoder.js';
import type { Encoder } from '../wire/protocol.js';

/**
 * Bodies are PandaProbe's, also on the disk: the worker makes spans of them, which costs more than pasting texts together. A
 * receiver of OTLP limits all requests alike, and a span that it gets twice has the same id.
 */
export const otlpEncoder: Encoder = {
  ...pandaProbeEncoder,
  score: undefined,
  routeOf: () => 'traces',
  isRepeatable: () => true,
};
