import type { OtelSpan } from '../otel-span.js';
import type { JsonObject } from '../values.js';
import { type Attributes, isObject } from '../wire/any-value.js';
import { genkitConfig, genkitModel } from './genkit.js';
import { firstOf, jsonOr, parsed, textOrNone } from './parsed.js';

const models = [
  ...['langfuse.observation.model.name', 'gen_ai.response.model', 'gen_ai.request.model', 'llm.response.model_name'],
  ...['llm.model_name', 'llm.request.model_name', 'embedding.model_name', 'ai.response.model', 'ai.model.id'],
  'mlflow.llm.model',
];

/** The model of a call. @param isOurs - whether this package made the span: it writes the name itself, others may write it as JSON text */
export function modelOf(attributes: Attributes, isOurs: boolean): string | undefined {
  const model = firstOf(attributes, models) ?? genkitModel(attributes);
  return textOrNone(isOurs ? model : parsed(model));
}

const requested = 'gen_ai.request.';
const settings = 'ai.settings.';
const own = 'pandaprobe.model_parameters.';
/** Attributes that are not parameters, because other fields of the span have them. */
const known = new Set(['model', 'tools', 'messages', 'prompt', 'input']);

/** The parameters of a model call; undefined if there are none. */
export function parametersOf(attributes: Attributes): JsonObject | undefined {
  const all: Record<string, unknown> = Object.create(null);
  const stated = attributes['langfuse.observation.model.parameters'] ?? attributes['llm.invocation_parameters'];
  const given = parsed(stated) ?? genkitConfig(attributes);
  if (isObject(given)) for (const [name, value] of Object.entries(given)) if (!known.has(name)) all[name] = value;
  for (const name in attributes) {
    const value = attributes[name];
    if (name.startsWith(own)) all[name.slice(own.length)] = typeof value === 'string' ? jsonOr(value) : value;
    else if (name.startsWith(settings)) all[name.slice(settings.length)] ??= value;
    else if (name.startsWith(requested) && !known.has(name.slice(requested.length)))
      all[name.slice(requested.length)] ??= value;
  }
  return Object.keys(all).length === 0 ? undefined : { ...all };
}

const seconds = ['gen_ai.response.time_to_first_chunk', 'gen_ai.client.operation.time_to_first_chunk'];
const times = ['langfuse.observation.completion_start_time', 'mastra.completion_start_time'];

/** When the first part of the answer came, in milliseconds since the epoch. */
export function firstChunkAt({ attributes, events, startedAt }: OtelSpan): number | undefined {
  const after = firstOf(attributes, seconds);
  if (typeof after === 'number' && after >= 0) return toMicros(startedAt + after * 1000);
  const millis = attributes['ai.response.msToFirstChunk'];
  if (typeof millis === 'number' && millis >= 0) return toMicros(startedAt + millis);
  const at = parsed(firstOf(attributes, times));
  const date = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  if (Number.isFinite(date)) return date;
  return events.find(({ name }) => name === 'ai.stream.firstChunk')?.at;
}

function toMicros(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
