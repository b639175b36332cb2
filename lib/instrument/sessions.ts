import { enterOwner, setOwner, withOwner } from '../engine/session.js';

/** Ends with its `using` block: the session or user before is current again. */
export interface Scope extends Disposable, AsyncDisposable {}

/**
 * Runs `fn` with a session, such as one conversation, that the traces started in it belong to. A trace reads its session
 * when it starts: its own option first, then the innermost scope, then what `setSession` has set.
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
 * Makes the session current from here to the end of the \`using\` block.
 *
 * @param sessionId - up to 255 characters
 * @returns a scope for \`using\`; the session before is current again when it is disposed of
 */
export function session(sessionId: string): Scope;
export function session<R>(sessionId: string, fn?: () => R): R | Scope {
  return fn === undefined ? enterOwner('sessionId', sessionId) : withOwner('sessionId', sessionId, fn);
}

/**
 * Runs `fn` with a user that the traces started in it belong to.
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
 * Makes the user current from here to the end of the \`using\` block.
 *
 * @param userId - up to 255 characters
 * @returns a scope for \`using\`; the user before is current again when it is disposed of
 */
export function user(userId: string): Scope;
export function user<R>(userId: string, fn?: () => R): R | Scope {
  return fn === undefined ? enterOwner('userId', userId) : withOwner('userId', userId, fn);
}

/**
 * Sets the session for this flow of control and what it starts, from here on.
 *
 * @param sessionId - up to 255 characters; null or undefined takes it back
 * @example
 * ```ts
 * setSession('chat-7');
 * ```
 */
export function setSession(sessionId: string | null | undefined): void {
  setOwner('sessionId', sessionId ?? undefined);
}

/**
 * Sets the user for this flow of control and what it starts, from here on.
 *
 * @param userId - up to 255 characters; null or undefined takes it back
 * @example
 * ```ts
 * setUser('user-42');
 * ```
 */
export function setUser(userId: string | null | undefined): void {
  setOwner('userId', userId ?? undefined);
}
