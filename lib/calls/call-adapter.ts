import type { Message } from '../model/message-forms.js';
import type { CallFacts } from '../model/records.js';
import type { Fields } from './read-unknown.js';

/** The parts of a request that are recorded. */
export interface RequestFacts {
  readonly input?: unknown;
  readonly model?: string | undefined;
  /** Parameters from an allow-list, in snake_case: the same object also holds credentials and users' names. */
  readonly parameters?: Fields | undefined;
  readonly metadata?: Fields | undefined;
  /** Other facts that the price depends on. */
  readonly call?: CallFacts | undefined;
}

/** Token counts in the backend's keys; a count the provider did not give is undefined, never 0. */
export type Counts = Readonly<Record<string, number | undefined>>;

/** The parts of a reply that are recorded; of a stream, those that have come so far. */
export interface ReplyFacts {
  readonly output?: unknown;
  /** The model that answered, where the reply names it. */
  readonly model?: string | undefined;
  readonly usage?: Counts | undefined;
  /** Only a cost that the provider itself states. */
  readonly cost?: Counts | undefined;
  readonly metadata?: Fields | undefined;
  /** Other facts that the price depends on, besides the tokens. */
  readonly call?: CallFacts | undefined;
  /** The model's reasoning, if the provider shows it. */
  readonly reasoning?: string | undefined;
  /** The provider answered that it failed. */
  readonly error?: string | undefined;
  /** Tools that the provider ran, or asked the program to run. */
  readonly tools?: readonly ToolFacts[] | undefined;
  /** Calls of other models that the provider made for this call. `usage` does not count their tokens. */
  readonly innerCalls?: readonly InnerCall[] | undefined;
}

/** A call that the provider made to another model, such as one for images. The provider does not say when. */
export interface InnerCall {
  readonly name: string;
  readonly model: string | undefined;
  readonly usage: Counts | undefined;
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

/** Is called when tools start and end within a stream, so that their spans have true times. */
export interface ToolObserver {
  started(tool: ToolFacts): void;
  /** The program shall run the tool. Its span ends now, unless its result follows in the same reply. */
  requested(tool: ToolFacts): void;
  ended(tool: ToolFacts): void;
}

/** Assembles one streamed reply from its chunks. Chunks belong to the caller: they are read, never kept or changed. */
export interface ReplyStream {
  /** Whether the chunk carries content of any sort: text, reasoning, a tool call, audio, a refusal. */
  add(chunk: unknown, tools: ToolObserver): boolean;
  /** The provider has said that the reply is over. */
  readonly isComplete: boolean;
  facts(): ReplyFacts;
}

/** For calls that are never streamed. */
export const noStream = (): ReplyStream => ({ add: () => false, isComplete: true, facts: () => ({}) });

/** Reads the requests, replies and streams of one kind of call of one provider. Its methods may throw: callers catch that. */
export interface CallAdapter {
  /** The span's default name. */
  readonly name: string;
  /** `OTHER` for calls that no model answers: the creation of a batch, a guardrail. */
  readonly kind: 'LLM' | 'EMBEDDING' | 'OTHER';
  request(request: Fields): RequestFacts;
  reply(value: unknown): ReplyFacts;
  stream(): ReplyStream;
  /** Reads facts from a response's headers. Only the headers that it asks for are read. */
  head?(header: (name: string) => unknown): ReplyFacts;
}

/** A tool call in the one shape that is recorded for every provider. */
export interface ToolCall {
  readonly id?: string | undefined;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

/** A message in the form that is recorded for every provider. */
export interface RecordedMessage extends Message {
  readonly name?: string | undefined;
  readonly tool_calls?: readonly unknown[] | undefined;
  readonly tool_call_id?: string | undefined;
  readonly refusal?: string | undefined;
}
