/*
 * A span id has eight bytes in W3C Trace Context, but sixteen here. Within a trace, the two are converted into each other without
 * loss: the trace's id fills the missing bytes (T: bytes of the trace's id, S: bits of the eight-byte span id).
 *
 *     T[8..13] | 8, S[63..62] T[14][1..0] | T[15] | 10 S[61..56] | S[55..0]        RFC 9562 version 8, variant 10
 *
 * Because of T, equal S in two traces give different UUIDs.
 */

/**
 * The first half of the ids of new spans in the trace with this UUID. The last 17 characters of any UUID version 4 complete it.
 * So S begins with two zero bits, and never equals the `rootHex` of a trace with a UUID version 4.
 */
export function spanIdStart(traceId: string): string {
  const top = (digit(traceId, 33) & 0b11).toString(16);
  return `${traceId.slice(19, 23)}${traceId.slice(24, 28)}-${traceId.slice(28, 32)}-8${top}${traceId.slice(34)}`;
}

/** The 16 digits that mean the trace itself as a parent: the last half of its id. */
export function rootHex(traceHex: string): string {
  const half = traceHex.slice(16);
  return /^0+$/.test(half) ? `${half.slice(1)}1` : half;
}

/** The UUID of the span with these 16 hexadecimal digits in the trace with this UUID. */
export function spanIdFromHex(traceId: string, hex: string): string {
  const trace = traceId.replaceAll('-', '');
  const first = digit(hex, 0);
  const top = ((first & 0b1100) | (digit(trace, 29) & 0b11)).toString(16);
  const variant = (8 | (first & 0b11)).toString(16);
  return `${trace.slice(16, 24)}-${trace.slice(24, 28)}-8${top}${trace.slice(30)}-${variant}${hex.slice(1, 4)}-${hex.slice(4)}`;
}

/**
 * The 16 hexadecimal digits from which `spanIdFromHex` made this id. For any other id its last 16 digits, from which the id
 * cannot be restored.
 */
export function spanHex(traceId: string, spanId: string): string {
  const last = spanId.slice(19, 23) + spanId.slice(24);
  const top = digit(spanId, 15) & 0b1100;
  const hex = `${(top | (digit(last, 0) & 0b11)).toString(16)}${last.slice(1)}`;
  return spanIdFromHex(traceId, hex) === spanId ? hex : last;
}

function digit(hex: string, at: number): number {
  return Number.parseInt(hex.charAt(at), 16);
}
