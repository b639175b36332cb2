/**
 * The worker's code contains OTLP. Only on an edge runtime, which has no worker, the sink must bring it: see
 * `lib/edge/otlp/protocol.ts`.
 */
export const protocolFor = (_settings: object): undefined => undefined;
