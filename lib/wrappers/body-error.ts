import { errorMessage } from './error-facts.js';
import { amount, type Fields, fields, filled, given, isFields } from './narrow.js';

/** A failure that a provider tells of in a reply of its own, not by the status of the response. */
export interface BodyError {
  readonly text: string;
  /** For `metadata.error`. */
  readonly details: Fields | undefined;
}

/**
 * The failure in a reply, a chunk or a choice; undefined where it tells of none. Gateways have sent the head of the
 * response when the model behind them fails, so it stands in the body of a 200.
 */
export function bodyError(reply: unknown): BodyError | undefined {
  const { error } = fields(reply);
  if (typeof error === 'string' && error !== '') return { text: errorMessage(error), details: { type: 'error' } };
  if (!isFields(error)) return undefined;
  const { message, code, type, status } = error;
  return {
    text: errorMessage(filled(message) ?? filled(code) ?? filled(type) ?? 'the reply reports an error'),
    details: given({
      type: filled(type) ?? 'error',
      code: filled(code) ?? amount(code),
      status: filled(status) ?? amount(status),
    }),
  };
}
