import type { Message } from '../model/message-forms.js';
import type { CallFacts } from '../model/records.js';
import type { Fields } from './narrow.js';

/** What a request says. */
export interface RequestFacts {
  readonly input?: unknown;
  readonly model?: string | undefined;
  /** From an allow-list, in snake_case: credentials and users' names travel in the same object. */
  readonly parameters?: Fields | undefined;
  readonly metadata?: Fields | undefined;
  /** What the price depends on. */
  readonly call?: CallFacts | undefined;
}

/** Token counts in the backend's keys; a count the provider did not give is undefined, never 0. */
export type Counts = Readonly<Record<string, number | undefined>>;

/** What a reply says, whole or as far as it has come. */
export interface ReplyFacts {
  readonly output?: unknown;
  /** The model that answered, where the reply names it. */
  readonly model?: string | undefined;
  readonly usage?: Counts | undefined;
  /** Only what the provider itself says it cost. */
  readonly cost?: Counts | undefined;
  readonly metadata?: Fields | undefined;
  /** What the price depends on, beside the tokens. */
  readonly call?: CallFacts | undefined;
  /** What the model thought, as far as the provider shows it. */
  readonly reasoning?: string | undefined;
  /** The provider answered that it failed. */
  readonly error?: string | undefined;
  /** What the provider did, or asked for, on the way. */
  readonly tools?: readonly ToolFacts[] | undefined;
}

/** One use of a tool by the provider, or a request for one. */
export interface ToolFacts {
  /** Tells one use from another within the reply. */
  readonly key: string;
  readonly name: string;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly metadata?: Fields | undefined;
  readonly error?: string | undefined;
}

/** Told of tools as they start and end within a stream, so that their spans have true times. */
export interface ToolObserver {
  started(tool: ToolFacts): void;
  ended(tool: ToolFacts): void;
}

/** Puts the chunks of one streamed reply together. Chunks are the caller's: they are read, never kept or changed. */
export interface ReplyStream {
  /** Whether the chunk carries content of any sort: text, reasoning, a tool call, audio, a refusal. */
  add(chunk: unknown, tools: ToolObserver): boolean;
  /** The provider has said that the reply is over. */
  readonly isComplete: boolean;
  facts(): ReplyFacts;
}

/** For calls that are never streamed. */
export const noStream = (): ReplyStream => ({ add: () => false, isComplete: true, facts: () => ({}) });

/** How one kind of call of one provider reads. Nothing here needs to guard against throwing. */
export interface Translation {
  /** The span's name, unless the user chose one. */
  readonly name: string;
  /** `OTHER` for what no model has worked on yet, such as a batch. */
  readonly kind: 'LLM' | 'EMBEDDING' | 'OTHER';
  request(request: Fields): RequestFacts;
  reply(value: unknown): ReplyFacts;
  stream(): ReplyStream;
  /** What the head of a response says, whatever its body is. Only what this asks for is read. */
  head?(header: (name: string) => unknown): ReplyFacts;
}

/** A tool call in the one shape that is recorded for every provider. */
export interface ToolCall {
  readonly id?: string | undefined;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

/** A message as it is recorded. */
export interface RecordedMessage extends Message {
  readonly name?: string | undefined;
  readonly tool_calls?: readonly unknown[] | undefined;
  readonly tool_call_id?: string | undefined;
  readonly refusal?: string | undefined;
}
