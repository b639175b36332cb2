// Steps of made-up runs, and how they become what is sent.
import { randomUUID } from 'node:crypto';

/** A span or a trace as it is sent. */
export type Fields = Record<string, unknown>;

/** One step, with those below it. */
export interface Step {
  readonly name: string;
  readonly kind: string;
  /** Milliseconds after the run began. */
  readonly from: number;
  readonly ms: number;
  readonly more?: Fields;
  readonly below?: readonly Step[];
}

/** One run of an agent. */
export interface Run {
  readonly name: string;
  readonly startedAt: number;
  readonly ms: number;
  /** All times are stretched by this. */
  readonly pace?: number;
  readonly question: string;
  readonly answer: string | undefined;
  readonly steps: readonly Step[];
  readonly more?: Fields;
}

/** Even numbers in a fixed order, so that two runs of the script draw the same charts. */
export function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const time = (ms: number) => new Date(ms).toISOString();
/** A message. */
export const said = (role: string, content: unknown, more: Fields = {}) => ({ role, content, ...more });
/** The backend's form of a conversation. */
export const messages = (...list: object[]) => ({ messages: list });

/** A run as the body of `POST /traces`. */
export function traceOf({ name, startedAt, ms, pace = 1, question, answer, steps, more }: Run): Fields {
  const hasFailed = answer === undefined;
  return {
    ...{ trace_id: randomUUID(), name, status: hasFailed ? 'ERROR' : 'COMPLETED' },
    ...{ started_at: time(startedAt), ended_at: time(startedAt + ms * pace) },
    input: messages(said('user', question)),
    ...(hasFailed ? {} : { output: messages(said('assistant', answer)) }),
    spans: steps.flatMap((step) => spansOf(step, startedAt, pace, undefined)),
    ...more,
  };
}

function spansOf(step: Step, origin: number, pace: number, parent: string | undefined): Fields[] {
  const id = randomUUID();
  const { firstTokenMs, ...more } = step.more ?? {};
  const start = origin + step.from * pace;
  const span = {
    ...{ span_id: id, name: step.name, kind: step.kind, status: 'OK' },
    ...(parent === undefined ? {} : { parent_span_id: parent }),
    ...{ started_at: time(start), ended_at: time(start + step.ms * pace) },
    ...(typeof firstTokenMs === 'number' ? { completion_start_time: time(start + firstTokenMs * pace) } : {}),
    ...more,
  };
  return [span, ...(step.below ?? []).flatMap((each) => spansOf(each, origin, pace, id))];
}

/** Model, tokens and cost of a call; what comes out costs four times what goes in. */
export function usage(model: string, prompt: number, completion: number, dollarsPerMillion: number): Fields {
  const total = ((prompt + completion * 4) * dollarsPerMillion) / 1e6;
  return {
    model,
    token_usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion },
    cost: { total: Number(total.toFixed(6)) },
  };
}
