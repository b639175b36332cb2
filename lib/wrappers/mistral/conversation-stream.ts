import type { ReplyFacts, ReplyStream, ToolObserver } from '../../calls/call-adapter.js';
import { asText, type Fields, fields, nonEmptyString, omitNullish } from '../../calls/read-unknown.js';
import { executedTool } from './entries.js';
import { addPiece } from './pieces.js';

/** The part of an entry that has arrived. */
interface PartialEntry {
  fields: Fields;
  readonly content: Fields[];
  arguments: string;
}

/** Assembles a conversation from its events, each of which belongs to the entry with its id. */
export class ConversationStream implements ReplyStream {
  readonly #readReply: (reply: unknown) => ReplyFacts;
  readonly #entries = new Map<unknown, PartialEntry>();
  #rest: Fields = {};
  isComplete = false;

  /** @param readReply - reads the assembled conversation as a whole one */
  constructor(readReply: (reply: unknown) => ReplyFacts) {
    this.#readReply = readReply;
  }

  add(event: unknown, tools: ToolObserver): boolean {
    const told = fields(fields(event).data);
    const [subject, what, step] = (nonEmptyString(told.type) ?? '').split('.');
    if (subject === 'conversation') {
      this.#addResponse(step, told);
      return false;
    }
    const entry = this.#entry(told, `${subject}.${what}`);
    if (subject === 'message') return addPiece(entry.content, told.content);
    entry.arguments += asText(told.arguments ?? '');
    if (subject === 'tool') {
      if (step === 'started') tools.started(executedTool(told));
      if (step === 'done') tools.ended(executedTool({ ...wholeEntry(entry), ...omitNullish({ info: told.info }) }));
    }
    return subject === 'function';
  }

  facts(): ReplyFacts {
    const outputs = [...this.#entries.values()]
      .toSorted((a, b) => Number(a.fields.outputIndex ?? 0) - Number(b.fields.outputIndex ?? 0))
      .map(wholeEntry);
    return this.#readReply({ ...this.#rest, outputs });
  }

  #addResponse(step: string | undefined, { conversationId, usage, message, code }: Fields): void {
    if (step === 'error') this.#rest = { ...this.#rest, error: { message, code } };
    this.#rest = {
      ...this.#rest,
      ...omitNullish({ conversationId, usage: usage === undefined ? undefined : { ...fields(usage) } }),
    };
    this.isComplete ||= step === 'done' || step === 'error';
  }

  #entry(told: Fields, type: string): PartialEntry {
    const key = told.id ?? told.outputIndex;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { fields: { type }, content: [], arguments: '' };
      this.#entries.set(key, entry);
    }
    const { id, outputIndex, model, name, toolCallId, info, nextAgentId, nextAgentName } = told;
    const changed = omitNullish({ id, outputIndex, model, name, toolCallId, nextAgentId, nextAgentName });
    entry.fields = { ...entry.fields, ...changed, ...(info === undefined ? {} : { info: structuredClone(info) }) };
    return entry;
  }
}

function wholeEntry({ fields: told, content, arguments: input }: PartialEntry): Fields {
  return {
    ...told,
    ...(content.length === 0 ? {} : { content }),
    ...(input === '' ? {} : { arguments: input }),
  };
}
