/** One step of a made-up run, with the steps inside it. Times are in milliseconds. */
export interface DemoStep {
  readonly name: string;
  readonly kind: 'AGENT' | 'TOOL' | 'LLM' | 'RETRIEVER' | 'CHAIN' | 'EMBEDDING' | 'OTHER';
  /** Its own time: before the first step inside, and half as much after the last. */
  readonly takes: number;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly error?: string;
  readonly model?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Prompt, completion and cached tokens. */
  readonly tokens?: readonly [prompt: number, completion: number, cached?: number];
  /** Time from the start to the first token. */
  readonly firstToken?: number;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly steps?: readonly DemoStep[];
  /** Whether the steps inside start together. */
  readonly together?: boolean;
}

/** A made-up run. */
export interface DemoRun {
  readonly name: string;
  readonly status: 'COMPLETED' | 'ERROR';
  readonly session?: string;
  readonly user?: string;
  readonly tags: readonly string[];
  readonly input: unknown;
  readonly output?: unknown;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly steps: readonly DemoStep[];
  readonly score?: {
    readonly name: string;
    readonly value: string;
    readonly data_type: 'NUMERIC' | 'BOOLEAN' | 'CATEGORICAL';
    readonly reason: string;
  };
}

/** A span as it is sent. */
interface DemoSpan {
  readonly span_id: string;
  readonly parent_span_id: string | null;
  readonly started_at: string;
  readonly ended_at: string;
  readonly [field: string]: unknown;
}

/** A trace as it is sent. */
export interface DemoTrace {
  readonly trace_id: string;
  readonly started_at: string;
  readonly ended_at: string;
  readonly spans: readonly DemoSpan[];
  readonly [field: string]: unknown;
}

/** Dollars per million tokens: prompt, completion, cached. Invented, but of realistic size. */
const prices: Readonly<Record<string, readonly [number, number, number]>> = {
  'gpt-5.4': [2.5, 10, 0.25],
  'gpt-5.4-mini': [0.25, 2, 0.025],
  'claude-sonnet-4-5': [3, 15, 0.3],
  'gemini-2.5-flash': [0.3, 2.5, 0.03],
  'text-embedding-3-small': [0.02, 0, 0.02],
};

/** Makes a trace of a run: each step gets its times and its place in the tree. All durations are multiplied by `pace`. */
export function drafted(run: DemoRun, startedAt: number, newId: () => string, pace = 1): DemoTrace {
  const spans: DemoSpan[] = [];
  let at = startedAt + 2 * pace;
  for (const step of run.steps) at = place(step, null, at) + 3 * pace;
  return {
    trace_id: newId(),
    name: run.name,
    status: run.status,
    started_at: isoTime(startedAt),
    ended_at: isoTime(at),
    session_id: run.session ?? null,
    user_id: run.user ?? null,
    tags: run.tags,
    environment: 'demo',
    release: '1.4.0',
    input: run.input,
    output: run.output ?? null,
    metadata: { source: 'pandaprobe-ts demo', ...run.metadata },
    spans,
  };

  /** Places a step and the steps inside it. @returns its end */
  function place(step: DemoStep, parent: string | null, start: number): number {
    const id = newId();
    const index = spans.push({ span_id: id, parent_span_id: parent, started_at: '', ended_at: '' }) - 1;
    const inner = step.steps ?? [];
    let end = start + step.takes * pace;
    let next = end;
    for (const each of inner) {
      const itsEnd = place(each, id, next);
      end = Math.max(end, itsEnd);
      next = step.together === true ? next + 1 : end + 2 * pace;
    }
    if (inner.length > 0) end += (step.takes / 2) * pace;
    spans[index] = spanOf(step, id, parent, start, end, pace);
    return end;
  }
}

function spanOf(step: DemoStep, id: string, parent: string | null, start: number, end: number, pace: number): DemoSpan {
  const { firstToken, tokens, model } = step;
  return {
    span_id: id,
    parent_span_id: parent,
    name: step.name,
    kind: step.kind,
    status: step.error === undefined ? 'OK' : 'ERROR',
    started_at: isoTime(start),
    ended_at: isoTime(end),
    input: step.input ?? null,
    output: step.output ?? null,
    error: step.error ?? null,
    model: model ?? null,
    model_parameters: step.parameters ?? null,
    metadata: step.metadata ?? {},
    completion_start_time: firstToken === undefined ? null : isoTime(start + firstToken * pace),
    token_usage: tokens === undefined ? null : usage(tokens),
    cost: tokens === undefined || model === undefined ? null : costOf(model, tokens),
  };
}

function usage([prompt, completion, cached = 0]: NonNullable<DemoStep['tokens']>): Record<string, number> {
  const known = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
  return cached === 0 ? known : { ...known, cache_read_tokens: cached };
}

function costOf(
  model: string,
  [prompt, completion, cached = 0]: NonNullable<DemoStep['tokens']>,
): Record<string, number> {
  const [forPrompt, forCompletion, forCached] = prices[model] ?? [1, 4, 0.1];
  const input = ((prompt - cached) * forPrompt + cached * forCached) / 1e6;
  const output = (completion * forCompletion) / 1e6;
  return { input, output, total: input + output };
}

/** A time with microseconds, as the SDKs send it. */
function isoTime(ms: number): string {
  const micros = Math.round((ms - Math.floor(ms)) * 1000);
  return new Date(Math.floor(ms)).toISOString().replace('Z', `${String(Math.min(micros, 999)).padStart(3, '0')}Z`);
}
