import type { Counts, ReplyFacts, ReplyStream } from '../../calls/call-adapter.js';
import { counts } from '../../calls/counts.js';
import { assistantMessage, textPart, toolCall } from '../../calls/parts.js';
import { type Fields, fields, list, nonEmptyString, omitNullish } from '../../calls/read-unknown.js';

/* Command R: a text, calls without ids, citations. Source: Cohere in the Amazon Bedrock user guide. */

/** The facts of a whole answer. */
export function cohereReply(reply: Fields): ReplyFacts {
  const { text, tool_calls, citations, generation_id, finish_reason } = reply;
  const calls = list(tool_calls).map((call) => toolCall(undefined, fields(call).name, fields(call).parameters));
  const said = nonEmptyString(text);
  const cited = list(citations).length === 0 ? undefined : citations;
  const message = assistantMessage(said === undefined ? [] : [textPart(said)], calls, { citations: cited });
  return {
    output: { messages: [said === undefined && calls.length === 0 ? { ...message, content: '' } : message] },
    usage: cohereUsage(reply),
    metadata: { response_id: generation_id, stop_reason: finish_reason },
  };
}

/** The billed tokens; the counted ones if there are no billed ones. */
export function cohereUsage({ meta, usage }: Fields): Counts | undefined {
  const told = fields(meta ?? usage);
  const { input_tokens, output_tokens } = fields(told.billed_units ?? told.tokens);
  return counts({ prompt: input_tokens, completion: output_tokens });
}

/** Whether a chunk is an event of Command R. In the second version, the types have hyphens. */
export function isCohereEvent({ event_type, type }: Fields): boolean {
  return typeof event_type === 'string' || (typeof type === 'string' && type.includes('-'));
}

/** The events of Command R, in both versions of its format. Of the second version, tool calls are not read. */
export class CohereEvents implements ReplyStream {
  #text = '';
  readonly #calls: Fields[] = [];
  readonly #citations: unknown[] = [];
  #end: Fields = {};
  isComplete = false;

  add(event: unknown): boolean {
    const { event_type, type, text, tool_calls, citations, response, finish_reason, generation_id, delta } =
      fields(event);
    const name = nonEmptyString(event_type) ?? nonEmptyString(type);
    if (nonEmptyString(generation_id) !== undefined) this.#end = { ...this.#end, generation_id };
    if (name === 'tool-calls-generation') this.#calls.push(...structuredClone(list(tool_calls).map(fields)));
    if (name === 'citation-generation') this.#citations.push(...structuredClone(list(citations)));
    if (name === 'stream-end' || name === 'message-end') {
      this.isComplete = true;
      const told = { finish_reason, ...fields(response), ...fields(delta) };
      this.#end = { ...this.#end, ...structuredClone(omitNullish(told)) };
    }
    const piece =
      name === 'text-generation'
        ? nonEmptyString(text)
        : nonEmptyString(fields(fields(fields(delta).message).content).text);
    this.#text += piece ?? '';
    return piece !== undefined || name === 'tool-calls-generation';
  }

  facts(): ReplyFacts {
    const { text, tool_calls, citations, ...end } = this.#end;
    return cohereReply({
      ...end,
      text: this.#text === '' ? text : this.#text,
      tool_calls: this.#calls.length === 0 ? tool_calls : this.#calls,
      citations: this.#citations.length === 0 ? citations : this.#citations,
    });
  }
}
