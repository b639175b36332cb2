/** The worker brings OTLP along. Only where there is none, on an edge runtime, the sink has to: see `lib/edge/otlp/protocol.ts`. */
export const protocolFor = (_settings: object): undefined => undefined;
