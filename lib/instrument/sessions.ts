import { enterOwner, setOwner, withOwner } from '../engine/session.js';

/** Keeps a session or user current until its `using` block ends; then the previous one is current again. */
export interface Scope extends Disposable, AsyncDisposable {}

/**
 * Runs `fn` with a session, such as one conversation. Traces that start in `fn` belong to it. A trace takes its session when it
 * starts: from its own option, else from the innermost `session()`, else from `setSession()`.
 *
 * @param sessionId - up to 255 characters
 * @param fn - the callback in which the session is current
 * @returns what `fn` returns
 * @example
 * ```ts
 * await session('chat-7', () => withTrace('turn', async () => 'hello'));
 * using _ = session('chat-8');
 * ```
 */
export function session<R>(sessionId: string, fn: () => R): R;
/**
 * Makes the session current from here to the end of the `using` block.
 *
 * @param sessionId - up to 255 characters
 * @returns a scope for `using`; the session before is current again when it is disposed of
 */
export function session(sessionId: string): Scope;
export function session<R>(sessionId: string, fn?: () => R): R | Scope {
  return fn === undefined ? enterOwner('sessionId', sessionId) : withOwner('sessionId', sessionId, fn);
}

/**
 * Runs `fn` with a user. Traces that start in `fn` belong to that user.
 *
 * @param userId - up to 255 characters
 * @param fn - the callback in which the user is current
 * @returns what `fn` returns
 * @example
 * ```ts
 * await user('user-42', () => withTrace('turn', async () => 'hello'));
 * ```
 */
export function user<R>(userId: string, fn: () => R): R;
/**
 * Makes the user current from here to the end of the `using` block.
 *
 * @param userId - up to 255 characters
 * @returns a scope for `using`; the user before is current again when it is disposed of
 */
export function user(userId: string): Scope;
export function user<R>(userId: string, fn?: () => R): R | Scope {
  return fn === undefined ? enterOwner('userId', userId) : withOwner('userId', userId, fn);
}

/**
 * Sets the session from here on, for this async flow and the flows that it starts.
 *
 * @param sessionId - up to 255 characters; null or undefined unsets it
 * @example
 * ```ts
 * setSession('chat-7');
 * ```
 */
export function setSession(sessionId: string | null | undefined): void {
  setOwner('sessionId', sessionId ?? undefined);
}

/**
 * Sets the user from here on, for this async flow and the flows that it starts.
 *
 * @param userId - up to 255 characters; null or undefined unsets it
 * @example
 * ```ts
 * setUser('user-42');
 * ```
 */
export function setUser(userId: string | null | undefined): void {
  setOwner('userId', userId ?? undefined);
}
