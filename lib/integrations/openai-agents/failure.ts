import { type ErrorFacts, errorMessage } from '../../calls/error-facts.js';
import { fields, nonEmptyString } from '../../calls/read-unknown.js';

/** Why a span failed, in the words of the framework. */
export interface RunFailure extends ErrorFacts {
  /** Whether the run was aborted, which is not a failure. */
  readonly isAborted: boolean;
}

/** The framework's general text for spans that an error has passed through; the error itself is in another field. */
const general = /^Error in agent run/;

/** Reads a span's `error`. @returns undefined if there is none */
export function failureOf(error: unknown): RunFailure | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { message, data } = fields(error);
  const said = nonEmptyString(message) ?? 'the span failed';
  const cause = nonEmptyString(fields(data).error);
  const whole = cause === undefined ? said : general.test(said) ? cause : `${said}: ${cause}`;
  const text = errorMessage(whole.replace(/^Error: /, ''));
  const type = /^\w*(?:Error|Exception|Triggered)(?=: )/.exec(text)?.[0];
  const metadata = type === undefined ? {} : { error: { type } };
  return { text, metadata, isAborted: /^\w*Abort\w*\b|\bwas aborted\b/.test(text) };
}
