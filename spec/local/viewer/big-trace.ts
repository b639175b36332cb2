// A trace of any number of spans: steps numbered in the order they begin, every tenth with nine below it.
import { type Fields, span, trace } from './viewer.js';

const kinds = ['LLM', 'TOOL', 'RETRIEVER', 'CHAIN', 'EMBEDDING', 'AGENT', 'OTHER'];
/** Most spans in one body. Source: backend-contract.md, *Calls*. */
const batchSize = 500;

/**
 * @param parentOf the number of the step above a step; below 0 there is none
 */
export function bigTrace(
  size: number,
  parentOf: (at: number) => number = (at) => (at % 10 === 0 ? -1 : at - (at % 10)),
): { readonly trace: Fields; readonly batches: readonly Fields[][] } {
  const spans: Fields[] = [];
  for (let at = 0; at < size; at += 1) {
    const parent = spans[parentOf(at)];
    const length = at % 10 === 0 ? 10 : 1 + (at % 3) * 0.4;
    const more = {
      ...(parent === undefined ? {} : { parent_span_id: parent.span_id }),
      ...{
        kind: kinds[at % 7],
        status: at % 97 === 13 ? 'ERROR' : 'OK',
        ...(at % 97 === 13 ? { error: 'no luck' } : {}),
      },
      input: { messages: [{ role: 'user', content: `Question ${at}: ${'what is the matter? '.repeat(5)}` }] },
      output: { messages: [{ role: 'assistant', content: `Answer ${at}: ${'nothing much. '.repeat(8)}` }] },
      ...(at % 7 === 0 ? { model: 'gpt-5-mini', token_usage: { prompt_tokens: 200 + at, completion_tokens: 20 } } : {}),
    };
    spans.push(span(`step ${at}`, at, at + length, more));
  }
  const batches: Fields[][] = [];
  for (let at = batchSize; at < size; at += batchSize) batches.push(spans.slice(at, at + batchSize));
  return { trace: trace('many steps', { spans: spans.slice(0, batchSize) }), batches };
}
