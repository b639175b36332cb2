import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import { withoutSecrets } from '../../calls/without-secrets.js';
import type { Frame } from '../../engine/frame.js';
import { currentOwner } from '../../engine/session.js';
import type { FrameworkOptions } from '../adapter/options.js';

/** What of a run's metadata is the framework's own. */
const internal = /^(?:ls|lc|langgraph|checkpoint|__pregel)_|^(?:versions|thread_id|session_id|user_id)$|^__/;

/** Tags that the framework adds itself. */
const internalTag = /^(?:seq:step|graph:step|map:key|langsmith:|langgraph|callback)/;

/**
 * The options of a trace that a run begins, with what the run itself says: whose it is, its tags and its metadata. A thread of
 * the framework's is a session: what was interrupted and what resumes it have the same.
 */
export function traceOptions(options: FrameworkOptions, start: Fields, outside: Frame): FrameworkOptions {
  const metadata = fields(start.metadata);
  const { session_id, thread_id, user_id } = metadata;
  const named = (value: unknown) => nonEmptyString(value) ?? (typeof value === 'number' ? String(value) : undefined);
  const tags = list(start.tags).filter((tag) => typeof tag === 'string' && !internalTag.test(tag)) as string[];
  return {
    ...options,
    sessionId: options.sessionId ?? currentOwner('sessionId', outside) ?? named(session_id) ?? named(thread_id),
    userId: options.userId ?? currentOwner('userId', outside) ?? named(user_id),
    tags: [...new Set([...(options.tags ?? []), ...tags])],
    metadata: { ...ownMetadata(metadata), ...options.metadata },
  };
}

/** The user's own metadata: without what the framework adds, and without what goes by the name of a secret. */
function ownMetadata(metadata: Fields): Fields {
  const own = Object.entries(metadata).filter(([name]) => !internal.test(name));
  return fields(withoutSecrets(Object.fromEntries(own)));
}
