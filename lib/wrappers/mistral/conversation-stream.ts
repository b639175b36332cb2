import type { ReplyFacts, ReplyStream, ToolObserver } from '../../calls/call-adapter.js';
import { asText, type Fields, fields, list, nonEmptyString, omitNullish } from '../../calls/read-unknown.js';
import { executedTool } from './entries.js';

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
    if (subject === 'message') return addContent(entry.content, told.content);
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

/** Adds a piece. Consecutive texts are joined, and so are consecutive thoughts. @returns whether it has content */
function addContent(parts: Fields[], piece: unknown): boolean {
  const part = typeof piece === 'string' ? { type: 'text', text: piece } : fields(piece);
  const last = parts.at(-1);
  if (part.type === 'text' && last?.type === 'text') {
    parts[parts.length - 1] = { ...last, text: `${nonEmptyString(last.text) ?? ''}${nonEmptyString(part.text) ?? ''}` };
  } else if (part.type === 'thinking' && last?.type === 'thinking') {
    if (Array.isArray(last.thinking)) last.thinking.push(...structuredClone(list(part.thinking))); // our own list
  } else parts.push(structuredClone(part));
  return part.text !== '';
}

function wholeEntry({ fields: told, content, arguments: input }: PartialEntry): Fields {
  return {
    ...told,
    ...(content.length === 0 ? {} : { content }),
    ...(input === '' ? {} : { arguments: input }),
  };
}
