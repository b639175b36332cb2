import type { AmbientAttributes, Frame, OwnerScope } from './frame.js';
import { currentFrame, enter, within } from './scope.js';

type OwnerField = OwnerScope['owner'];

/** The session or user of a trace that starts now: that of the innermost scope, else the one that was set. */
export function currentOwner(owner: OwnerField, { ambient }: Frame): string | undefined {
  return openScope(ambient.scope, owner)?.id ?? ambient[owner];
}

/** Runs `fn` with a session or user. Traces that start in it belong to that session or user. */
export function withOwner<R>(owner: OwnerField, id: string, fn: () => R): R {
  const frame = currentFrame();
  return within(changed(frame, { scope: newScope(owner, id, frame) }), () => fn()); // with no argument
}

/** Makes a session or user current in this flow until the handle is disposed of. */
export function enterOwner(owner: OwnerField, id: string): Disposable & AsyncDisposable {
  const before = currentFrame();
  const scope = newScope(owner, id, before);
  enter(changed(before, { scope }));
  const end = () => {
    scope.isOver = true;
    const frame = currentFrame();
    enter(changed(frame, { scope: openScope(frame.ambient.scope) }));
  };
  return { [Symbol.dispose]: end, [Symbol.asyncDispose]: async () => end() };
}

/** Sets the session or user for this flow from here on. A `session()` or `user()` scope takes precedence. */
export function setOwner(owner: OwnerField, id: string | undefined): void {
  enter(changed(currentFrame(), owner === 'sessionId' ? { sessionId: id } : { userId: id }));
}

/** Most scopes around one. More are there only if a loop opens scopes and disposes of none, and would become slower and slower. */
const maxDepth = 1000;

function newScope(owner: OwnerField, id: string, { ambient }: Frame): OwnerScope {
  let outer = openScope(ambient.scope);
  const depth = ((outer?.depth ?? 0) + 1) % maxDepth;
  if (depth === 0) {
    outer = openScope(outer, owner === 'userId' ? 'sessionId' : 'userId');
    if (outer !== undefined) outer.outer = undefined;
  }
  return { owner, id, outer, depth, isOver: false };
}

/** The innermost scope, of that owner if one is named. */
function openScope(scope: OwnerScope | undefined, owner?: OwnerField): OwnerScope | undefined {
  let at = scope;
  while (at !== undefined && (at.isOver || at.owner !== (owner ?? at.owner))) at = at.outer;
  return at;
}

/** A copy of the frame with changed ambient attributes and the same history. */
function changed(frame: Frame, ambient: Partial<AmbientAttributes>): Frame {
  return { ...frame, ambient: { ...frame.ambient, ...ambient } };
}
