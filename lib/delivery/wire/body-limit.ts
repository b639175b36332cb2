/** Most bytes of a request body, until a backend refuses one as too large. */
export const defaultMaxBodyBytes = 4 * 1_048_576;

/** A smaller body is not refused for its size, in bytes. */
const leastBodyBytes = 16_384;

/** The limit of a sender. */
export interface BodyLimit {
  maxBodyBytes: number;
}

/** A body was refused as too large (413): bodies are at most half as large from now on. */
export function lowerLimit(limit: BodyLimit, refusedBytes: number): void {
  limit.maxBodyBytes = Math.min(limit.maxBodyBytes, Math.max(leastBodyBytes, refusedBytes >> 1));
}
