import type { OtelEvent, OtelSpan } from '../otel-span.js';
import { textOrNone } from './parsed.js';

/** The error text of a span; undefined if it did not fail. Langfuse sets an attribute instead of the status. */
export function errorOf({ attributes, events, status }: OtelSpan): string | undefined {
  if (status.code !== 2 && attributes['langfuse.observation.level'] !== 'ERROR') return undefined;
  const thrown = thrownIn(events)?.attributes ?? {};
  const { 'exception.type': type, 'exception.message': message } = thrown;
  const said = [textOrNone(type), textOrNone(message)].filter((text) => text !== undefined).join(': ');
  return (
    textOrNone(status.message) ??
    textOrNone(attributes['langfuse.observation.status_message']) ??
    textOrNone(said) ??
    textOrNone(attributes['error.type']) ??
    'failed'
  );
}

/** The event of the exception that a span recorded first. */
export function thrownIn(events: readonly OtelEvent[]): OtelEvent | undefined {
  return events.find(({ name }) => name === 'exception');
}
