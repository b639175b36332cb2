import type { TraceLabels } from '../values.js';
import type { Attributes } from '../wire/any-value.js';
import { firstOf, parsed, textOrNone } from './parsed.js';

const sessions = [
  ...['session.id', 'langfuse.session.id', 'gen_ai.conversation.id', 'traceloop.association.properties.session_id'],
  ...['ai.telemetry.metadata.sessionId', 'mlflow.trace.session'],
];
const users = [
  ...['user.id', 'langfuse.user.id', 'traceloop.association.properties.user_id'],
  ...['traceloop.association.properties.userId', 'ai.telemetry.metadata.userId', 'mlflow.trace.user', 'enduser.id'],
];
const tagLists = ['pandaprobe.tags', 'langfuse.trace.tags', 'tag.tags', 'ai.telemetry.metadata.tags', 'mastra.tags'];
const environments = ['deployment.environment.name', 'deployment.environment', 'langfuse.environment'];

/** The session, user and tags that a span has for its trace. */
export function labelsOf(attributes: Attributes): TraceLabels {
  const tags = parsed(firstOf(attributes, tagLists));
  const texts = Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [];
  return {
    sessionId: textOrNone(firstOf(attributes, sessions)),
    userId: textOrNone(firstOf(attributes, users)),
    tags: texts.length === 0 ? undefined : texts,
  };
}

/** The environment and release from the program's resource. */
export function resourceLabels(resource: Attributes): TraceLabels {
  return {
    environment: textOrNone(firstOf(resource, environments)),
    release: textOrNone(firstOf(resource, ['service.version'])),
  };
}
