import { type CallAdapter, noStream } from '../../calls/call-adapter.js';
import { count, counts } from '../../calls/counts.js';
import { contentMessages } from '../../calls/gemini/contents.js';
import { parameters, pick } from '../../calls/parameters.js';
import { fields, list, nonEmptyString } from '../../calls/read-unknown.js';

/** `ai.models.embedContent()`: how many vectors of how many numbers, never the vectors. Only Vertex counts tokens here. */
export const embed: CallAdapter = {
  name: 'gemini-embed',
  kind: 'EMBEDDING',
  request({ model, contents, config }) {
    const items: readonly unknown[] = Array.isArray(contents) ? contents : [contents];
    return {
      input: { input: items.map(embedded) },
      model: nonEmptyString(model),
      parameters: parameters(
        pick(fields(config), { taskType: 'task_type', outputDimensionality: 'dimensions', title: 'title' }),
      ),
    };
  },
  reply(reply) {
    const vectors = list(fields(reply).embeddings);
    const { values } = fields(vectors[0]);
    const told = vectors.flatMap((vector) => count(fields(fields(vector).statistics).tokenCount) ?? []);
    const prompt = told.length === 0 ? undefined : told.reduce((all, next) => all + next, 0);
    return {
      output: { count: vectors.length, dimensions: Array.isArray(values) ? values.length : undefined },
      usage: counts({ prompt, completion: prompt === undefined ? undefined : 0 }),
    };
  },
  stream: noStream,
};

function embedded(item: unknown): unknown {
  if (typeof item === 'string') return item;
  const [message] = contentMessages(undefined, item);
  return fields(message).content;
}
