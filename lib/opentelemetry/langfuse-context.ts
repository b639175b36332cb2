import type { OTelReadableSpan } from './types.js';

/*
 * `propagateAttributes` of Langfuse's SDK puts session, user and the like into the context, and Langfuse's own span processor makes
 * attributes of them. This does the same without that processor, but changes no span, because other processors see the spans, too.
 */

/**
 * The keys of the context, and the attributes.
 * Source: `@langfuse/core` 5, getPropagatedAttributesFromContext; `@opentelemetry/api` 1, *createContextKey*.
 */
const propagated = [
  [Symbol.for('langfuse_session_id'), 'session.id'],
  [Symbol.for('langfuse_user_id'), 'user.id'],
  [Symbol.for('langfuse_trace_name'), 'langfuse.trace.name'],
] as const;
const tagsKey = Symbol.for('langfuse_tags');
const metadataKey = Symbol.for('langfuse_metadata');

const found = new WeakMap<OTelReadableSpan, Readonly<Record<string, unknown>>>();

/** Remembers what the context has for a span that starts in it. */
export function rememberPropagated(span: OTelReadableSpan, parentContext: unknown): void {
  const held = parentContext as { getValue?: (key: symbol) => unknown } | undefined;
  if (typeof held?.getValue !== 'function') return;
  const attributes: Record<string, unknown> = {};
  for (const [key, name] of propagated) {
    const value = held.getValue(key);
    if (typeof value === 'string') attributes[name] = value;
  }
  const [tags, metadata] = [held.getValue(tagsKey), held.getValue(metadataKey)];
  if (Array.isArray(tags)) attributes['langfuse.trace.tags'] = tags;
  if (typeof metadata === 'object')
    for (const [name, value] of Object.entries(metadata ?? {})) {
      if (typeof value === 'string') attributes[`langfuse.trace.metadata.${name}`] = value;
    }
  if (Object.keys(attributes).length > 0) found.set(span, attributes);
}

/** The attributes that a span has from its context. */
export function propagatedTo(span: OTelReadableSpan): Readonly<Record<string, unknown>> {
  return found.get(span) ?? {};
}
