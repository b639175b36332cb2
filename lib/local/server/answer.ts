import type { Issue } from '../wire/issues.js';

/** The answer to a call. */
export interface Answer {
  readonly status: number;
  /** JSON text, or the bytes of a file; nothing for a 204. */
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer with a JSON body. */
export function answer(status: number, body: unknown): Answer {
  return { status, body: JSON.stringify(body) };
}

/** An answer whose body is JSON text already. */
export function answerText(status: number, json: string): Answer {
  return { status, body: json };
}

/** A refusal with its reason, as the backend words it. */
export function refusal(status: number, detail: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { ...answer(status, { detail }), headers };
}

/** A 422 that names each fault and its place. */
export function invalid(errors: readonly Issue[]): Answer {
  return answer(422, { detail: 'Validation error', errors });
}

/** 404 for a trace. */
export function noTrace(traceId: string): Answer {
  return refusal(404, `Trace ${traceId} not found.`);
}

/** Thrown to end a call with an answer. */
export class AnswerError extends Error {
  readonly answer: Answer;
  constructor(given: Answer) {
    super(`answered with ${given.status}`);
    this.answer = given;
  }
}
