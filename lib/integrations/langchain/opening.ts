import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import { withoutSecrets } from '../../calls/without-secrets.js';
import type { Frame } from '../../engine/frame.js';
import { currentOwner } from '../../engine/session.js';
import type { FrameworkOptions } from '../adapter/options.js';

/** Keys in a run's metadata that the framework adds. */
const internal = /^(?:ls|lc|langgraph|checkpoint|__pregel)_|^(?:versions|thread_id|session_id|user_id)$|^__/;

/** Tags that the framework adds itself. */
const internalTag = /^(?:seq:step|graph:step|map:key|langsmith:|langgraph|callback)/;

/**
 * The options of a trace that a run begins, with the run's own session, user, tags and metadata. A thread of the framework is a
 * session, so that an interrupted run and the one that resumes it have the same session.
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

/** The user's own metadata, without keys that the framework adds, and without keys that are names of credentials. */
function ownMetadata(metadata: Fields): Fields {
  const own = Object.entries(metadata).filter(([name]) => !internal.test(name));
  return fields(withoutSecrets(Object.fromEntries(own)));
}
