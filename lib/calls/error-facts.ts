import { errorText } from '../common/error-text.js';
import { type Fields, fields, nonEmptyString, number, omitNullish, parsed, text } from './read-unknown.js';

/** What is recorded of a provider's error: never its headers, never the request. */
export interface ErrorFacts {
  /** `Name: message` */
  readonly text: string;
  readonly metadata: Fields;
}

/** Keys that providers quote in their messages, masked or not. */
const keys =
  /\b(?:Bearer\s+[\w.~+/*-]{6,}=*|(?:sk|pk|rk|key|xai|gsk)[-_][\w*-]{6,}|AIza[\w*-]{20,}|(?:AKIA|ASIA)[A-Z0-9]{12,})/g;

/** Reads an error without ever throwing. */
export function errorFacts(error: unknown): ErrorFacts {
  try {
    const facts = fields(error);
    const name = errorName(error);
    const answer = fields(fields(parsed(errorText(error))).error); // Google's whole answer is the message
    const message = errorMessage(nonEmptyString(answer.message) ?? errorText(error));
    const service = fields(facts.$metadata); // AWS keeps them apart
    const status = number(facts.status) ?? number(facts.statusCode) ?? number(service.httpStatusCode);
    const details = omitNullish({
      type:
        nonEmptyString(facts.type) ??
        nonEmptyString(answer.status) ??
        nonEmptyString(fields(fields(facts.error).error).type) ??
        name,
      status,
      code: text(facts.code) ?? number(facts.code),
      request_id: text(facts.requestID) ?? text(facts.request_id) ?? text(service.requestId),
      cause: status === undefined ? deepestCause(error) : undefined,
    });
    return {
      text: message === name ? name : `${name}: ${message}`,
      metadata: isAbort(error) ? { error: details, aborted: true } : { error: details },
    };
  } catch {
    return { text: 'an error that cannot be read', metadata: {} };
  }
}

/** What lies below “Connection error.” and “fetch failed”, such as `connect ECONNREFUSED 127.0.0.1:443`. */
function deepestCause(error: unknown): string | undefined {
  let at = error;
  for (let depth = 0; depth < 5; depth += 1) {
    const { cause, errors } = fields(at);
    const next = cause ?? (Array.isArray(errors) ? errors[0] : undefined);
    if (typeof next !== 'object' || next === null) break;
    at = next;
  }
  return at === error ? undefined : errorMessage(errorText(at));
}

/** A provider's words about an error, without the keys it quotes. */
export function errorMessage(text: string): string {
  return text.replace(keys, '[key]');
}

/** Most provider errors leave `name` at `Error` and only their class says what they are. */
function errorName(error: unknown): string {
  const name = nonEmptyString(fields(error).name);
  if (name !== undefined && name !== 'Error') return name;
  if (typeof error !== 'object' || error === null) return 'Error';
  const className = nonEmptyString(error.constructor?.name);
  // A minified class is named by chance.
  return className !== undefined && /(?:Error|Exception)$/.test(className) ? className : 'Error';
}

function isAbort(error: unknown): boolean {
  return /Abort/.test(errorName(error));
}
