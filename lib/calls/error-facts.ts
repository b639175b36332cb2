import { errorText } from '../common/error-text.js';
import { type Fields, fields, nonEmptyString, number, omitNullish, parsed, text } from './read-unknown.js';

/** What is recorded of a provider's error: never its headers, never the request. */
export interface ErrorFacts {
  /** `Name: message` */
  readonly text: string;
  readonly metadata: Fields;
}

/** API keys, whole or masked: providers quote them in error messages. */
const apiKeys =
  /\b(?:Bearer\s+[\w.~+/*-]{6,}=*|(?:sk|pk|rk|key|xai|gsk)[-_][\w*-]{6,}|AIza[\w*-]{20,}|(?:AKIA|ASIA)[A-Z0-9]{12,})/g;

/** Reads an error without ever throwing. */
export function errorFacts(error: unknown): ErrorFacts {
  try {
    const facts = fields(error);
    const name = nameOf(error);
    const answer = fields(fields(parsed(errorText(error))).error); // Google's client has the whole JSON answer as message
    const message = errorMessage(nonEmptyString(answer.message) ?? errorText(error));
    const service = fields(facts.$metadata); // of an AWS client
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

/** The cause of “Connection error.” or “fetch failed”, such as `connect ECONNREFUSED 127.0.0.1:443`. */
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

/** A provider's error message, without API keys. */
export function errorMessage(text: string): string {
  return text.replace(apiKeys, '[key]');
}

/** The error's name; its class's name for the many errors of providers whose `name` is only `Error`. */
function nameOf(error: unknown): string {
  const name = nonEmptyString(fields(error).name);
  if (name !== undefined && name !== 'Error') return name;
  if (typeof error !== 'object' || error === null) return 'Error';
  const className = nonEmptyString(error.constructor?.name);
  // Minified classes have meaningless names.
  return className !== undefined && /(?:Error|Exception)$/.test(className) ? className : 'Error';
}

function isAbort(error: unknown): boolean {
  return /Abort/.test(nameOf(error));
}
