import type { Answer } from '../http/transport.js';
import { isObject, parse } from '../text/json.js';
import type { Call } from './classify-response.js';

/** Whether a response with a 2xx acknowledges the body; if not, what it lacks, for the log. */
export type Acknowledgement = { readonly isGiven: true } | { readonly isGiven: false; readonly lack: string };

const given: Acknowledgement = { isGiven: true };
const lacking = (lack: string): Acknowledgement => ({ isGiven: false, lack });

/** The status of the backend, and those that a compatible backend may answer. */
const acknowledging = new Set([200, 201, 202]);

/**
 * Reads a response with a 2xx. A captive portal, a login page or another server answers 200 to everything, so the status is not
 * enough: an acknowledgement is a JSON object without an error and without the id of another trace. Source: backend-contract.md,
 * *Acknowledgement*.
 */
export function acknowledgement(call: Call, traceId: string, answer: Answer & { kind: 'answer' }): Acknowledgement {
  const { status, contentType, ending } = answer;
  const text = answer.text.replace(/^\ufeff/, '').trim();
  const type = contentType === '' ? 'without a type' : contentType;
  if (ending === 'cut') return lacking('cut short');
  // The response is longer than is read, so only its type and its first character can be checked.
  if (ending === 'long' && isJson(contentType) && text.startsWith('{') && acknowledging.has(status)) return given;
  if (text === '') return lacking('with an empty body instead of JSON');
  const body = parse(text);
  if (call === 'look' && Array.isArray(body)) return given;
  if (!isObject(body)) return lacking(`with ${type} instead of a JSON object`);
  if (!acknowledging.has(status)) return lacking('that is no acknowledgement');
  if (call === 'look') return given;
  const told = body.trace_id ?? body.traceId;
  if (typeof told === 'string') return isSame(told, traceId) ? given : lacking('about another trace');
  return tellsOfFailure(body) ? lacking('that tells of an error') : given;
}

function isJson(contentType: string): boolean {
  return /^application\/([\w.-]+\+)?json$/.test(contentType);
}

function isSame(one: string, other: string): boolean {
  const digits = (id: string) => id.replaceAll('-', '').toLowerCase();
  return digits(one) === digits(other);
}

/** Whether a gateway reports an error in the body of a 200. */
function tellsOfFailure(body: Record<string, unknown>): boolean {
  const { error, errors, detail, success, ok, status } = body;
  if (success === false || ok === false) return true;
  if (typeof status === 'string' && /^(error|fail)/i.test(status)) return true;
  if (typeof status === 'number' && status >= 400) return true;
  if (Array.isArray(errors) ? errors.length > 0 : Boolean(errors)) return true;
  return Boolean(error) || typeof detail === 'string';
}
