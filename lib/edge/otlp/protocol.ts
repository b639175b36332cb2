import { otlpEncoder as encoder } from '../../delivery/otlp/encoder.js';
import { createOtlpExchange } from '../../delivery/otlp/exchange.js';
import type { OtlpSettings } from '../../delivery/wire/otlp-settings.js';
import type { Protocol } from '../../delivery/wire/protocol.js';

/** Stands for `lib/otlp/protocol.ts`: who imports no OtlpSink has none of OTLP's code. */
export function protocolFor(settings: OtlpSettings): Protocol {
  return { encoder, exchange: createOtlpExchange(settings), itemsPerRequest: 16 };
}
