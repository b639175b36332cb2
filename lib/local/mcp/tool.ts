import type { Api } from '../api/api.js';
import { findTrace } from '../api/named-trace.js';
import type { CommandContext } from '../command-line/command.js';
import type { WholeTrace } from '../text/comparison.js';
import type { Argument, Arguments, Given } from './arguments.js';

/** A tool as a coding agent sees it. */
export interface McpTool {
  readonly name: string;
  readonly description: string;
  readonly arguments: Arguments;
  /** Returns the answer, within {@link maxAnswerChars}. @throws LocalFailure if it cannot answer */
  run(context: CommandContext, given: Given): Promise<string>;
}

/** Most items of one answer. */
const maxLimit = 50;

/** Paints nothing: for answers without colour. */
export const plain = (_: string, text: string) => text;

/** An argument that is a text. */
export function text(description: string): Argument {
  return { type: 'string', description };
}

/** An argument that is one of a few words. */
export function choice(description: string, choices: readonly string[]): Argument {
  return { ...text(description), enum: choices };
}

/** An argument that is a whole number, from `minimum` to `maximum`, both included. */
export function whole(description: string, minimum: number, maximum: number): Argument {
  return { type: 'integer', description, minimum, maximum };
}

/** The project of a call. */
export const project = text('The project; the one used last unless given.');
/** The trace of a call. */
export const trace = text('The id of the trace, or the start of it; the newest trace unless given.');
/** The direction of a list. */
export const order = choice('desc unless given.', ['asc', 'desc']);
/** When something started. */
export const times: Readonly<Record<string, Argument>> = {
  since: text('Started within this time, such as 30m, 1h or 7d.'),
  after: text('Started at this time or later, such as 2026-03-29T10:00Z.'),
  before: text('Started before this time.'),
};
/** Arguments that select a page of a list. */
export const page = {
  limit: whole('How many, 20 unless given.', 1, maxLimit),
  offset: whole('How many to skip.', 0, 10_000_000),
};
/** Arguments of the search. */
export const searchArguments: Readonly<Record<string, Argument>> = {
  filter: text(
    'Words that must be in it, and keys: kind: model: name: status: error: release: env: user: session: tag:, and with < or > duration: tokens: cost: spans:. Such as "kind:llm duration:>2s declined".',
  ),
  env: text('The environment; * stands for anything.'),
  release: text('The release; * stands for anything.'),
};

/** The trace that an argument names, and the project it is in. */
export async function readTrace(
  context: CommandContext,
  wanted: Given[string],
): Promise<{ readonly api: Api; readonly found: WholeTrace }> {
  const { api, traceId } = await findTrace(context, wanted?.toString());
  return { api, found: await api.get<WholeTrace>(`/traces/${traceId}`) };
}
