import type { OtelSpan } from '../otel-span.js';
import { textOrNone } from './parsed.js';

/** Why a span failed, in words; undefined where it did not. Langfuse says so in an attribute and leaves the status unset. */
export function errorOf({ attributes, events, status }: OtelSpan): string | undefined {
  if (status.code !== 2 && attributes['langfuse.observation.level'] !== 'ERROR') return undefined;
  const thrown = events.find(({ name }) => name === 'exception')?.attributes ?? {};
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
