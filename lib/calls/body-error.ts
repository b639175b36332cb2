import { errorMessage } from './error-facts.js';
import { amount, type Fields, fields, isFields, nonEmptyString, omitNullish } from './read-unknown.js';

/** A failure that a provider reports in the body of a reply, not by the status of the response. */
export interface BodyError {
  readonly text: string;
  /** For `metadata.error`. */
  readonly details: Fields | undefined;
}

/**
 * The failure in a reply, a chunk or a choice; undefined if there is none. A gateway has already sent status 200 when the model
 * behind it fails, so the failure is in the body.
 */
export function bodyError(reply: unknown): BodyError | undefined {
  const body = fields(reply);
  const { error } = body;
  if (typeof error === 'string' && error !== '') return { text: errorMessage(error), details: { type: 'error' } };
  const failure = isFields(error) ? error : mayReport(body) ? gatewayError(body) : undefined;
  if (failure === undefined) return undefined;
  const { message, code, type, status } = failure;
  return {
    text: errorMessage(
      nonEmptyString(message) ?? nonEmptyString(code) ?? nonEmptyString(type) ?? 'the reply reports an error',
    ),
    details: omitNullish({
      type: nonEmptyString(type) ?? 'error',
      code: nonEmptyString(code) ?? amount(code),
      status: nonEmptyString(status) ?? amount(status),
    }),
  };
}

/**
 * Whether {@link gatewayError} may find a failure. Called for each chunk of a stream, because it takes a third of the time of
 * `gatewayError`.
 */
function mayReport(reply: Fields): boolean {
  if (Object.getPrototypeOf(reply) !== Object.prototype) return true;
  for (const name in reply) if (isReporting(name)) return true;
  return false;
}

/** Whether a field is one of those without which {@link gatewayError} finds nothing. */
function isReporting(name: string): boolean {
  switch (name) {
    case 'base_resp':
    case 'error_code':
    case 'x_groq':
    case 'message':
    case 'msg':
      return true;
    default:
      return false;
  }
}

/**
 * A failure in fields that OpenAI's API does not have: `base_resp` (MiniMax), `error_code` (Qianfan), `x_groq.error` (Groq, where
 * a stream stops early), `object: 'error'` (vLLM, SGLang), a code with a message and nothing else (Spark, One API).
 */
function gatewayError(reply: Fields): Fields | undefined {
  const { base_resp, error_code, error_msg, x_groq, object, error, success, message, msg, code } = reply;
  const { status_code, status_msg } = fields(base_resp);
  if (isFailure(status_code)) return { message: status_msg, code: status_code };
  if (isFailure(error_code)) return { message: error_msg, code: error_code };
  const stopped = nonEmptyString(fields(x_groq).error);
  if (stopped !== undefined) return { message: stopped };
  const said = nonEmptyString(message) ?? nonEmptyString(msg);
  if (said === undefined) return undefined;
  const isAlone = ['id', 'object', 'choices', 'data', 'output'].every((name) => reply[name] === undefined);
  const isReported = object === 'error' || error === true || success === false || (isAlone && isFailure(code));
  return isReported ? { ...reply, message: said } : undefined;
}

/** A code that is not the one for success. */
function isFailure(code: unknown): boolean {
  const read = amount(code);
  return read === undefined ? nonEmptyString(code) !== undefined : read !== 0 && read !== 200;
}

/** The failure of one choice: as an error, or only by its `finish_reason`. */
export function choiceError(choice: unknown): BodyError | undefined {
  const { finish_reason } = fields(choice);
  const body = bodyError(choice);
  if (body !== undefined || finish_reason !== 'error') return body;
  return { text: 'the model failed', details: { type: 'error' } };
}
