import { otlpEncoder as encoder } from '../../delivery/otlp/encoder.js';
import { createOtlpExchange } from '../../delivery/otlp/exchange.js';
import type { OtlpSettings } from '../../delivery/wire/otlp-settings.js';
import type { Protocol } from '../../delivery/wire/protocol.js';

/** Replaces `lib/otlp/protocol.ts`. Only programs that import OtlpSink contain the code for OTLP. */
export function protocolFor(settings: OtlpSettings): Protocol {
  return { encoder, exchange: createOtlpExchange(settings), itemsPerRequest: 16 };
}
