import { errorText } from '../common/error-text.js';
import type { CaptureField } from './capture-values.js';
import type { JsonText } from './records.js';

/** Masks and captures what belongs to one span or trace. */
export interface Captures {
  text(value: string, field: CaptureField): string;
  capture(value: unknown, field: CaptureField): JsonText | undefined;
}

/** The text of an object that has none of its own. */
const nothingSaid = /^\[object \w+\]$/;

/** The text of what was thrown, which may be anything. An object without a message says what it holds. */
export function thrownText(of: Captures, error: unknown): string {
  const text = errorText(error);
  return nothingSaid.test(text) ? (of.capture(error, 'error') ?? text) : of.text(text, 'error');
}

/** Digests of errors that Next.js throws for a redirect, and to end the rendering of a page that it builds ahead. */
const nextFlow = /^(?:NEXT_(?:REDIRECT|PRERENDER_)|DYNAMIC_SERVER_|HANGING_PROMISE_)/;

/**
 * Whether something was thrown to leave a function, not because it failed. For a redirect, React Router and TanStack Router throw a
 * response, SvelteKit an object like one, Next.js an error.
 */
export function isControlFlow(thrown: unknown): boolean {
  try {
    const { status, digest } = thrown as { status?: unknown; digest?: unknown };
    if (nextFlow.test(`${digest}`)) return true;
    // An error with such a status is that of a client which did not follow a redirect.
    return typeof status === 'number' && status > 299 && status < 400 && !(thrown instanceof Error);
  } catch {
    return false; // nothing, or a getter that threw
  }
}
