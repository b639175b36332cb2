import type { Behave, Behaviour } from './receiver.js';

/** Answers 429 to `POST /traces` over `max` per window, as the backend does; the window starts with its first request. */
export function rateLimited(max: number, perMs: number, options: { readonly retryAfter?: boolean } = {}): Behave {
  let openedAt = Number.NEGATIVE_INFINITY;
  let count = 0;
  return (request) => {
    if (request.call !== 'POST /traces') return 'accept';
    if (request.at - openedAt >= perMs) {
      openedAt = request.at;
      count = 0;
    }
    count += 1;
    if (count <= max) return 'accept';
    const seconds = Math.ceil((openedAt + perMs - request.at) / 1000);
    return {
      status: 429,
      body: { error: `Rate limit exceeded: ${max} per ${perMs} ms` },
      ...(options.retryAfter === true ? { headers: { 'Retry-After': String(seconds) } } : {}),
    };
  };
}

/** Answers 413 to bodies over `maxBytes`, as a proxy does. */
export function tooLargeOver(maxBytes: number): Behave {
  return (request) =>
    request.bytes > maxBytes ? { status: 413, body: { detail: 'Request Entity Too Large' } } : 'accept';
}

/** A 422 that names the invalid fields, such as `body -> spans -> 3 -> name`. */
export function unprocessable(...fields: readonly string[]): Behaviour {
  const errors = fields.map((field) => ({ field, message: 'Input should be valid' }));
  return { status: 422, body: { detail: 'Validation error', errors } };
}
