// Compiled only: code that is typed as the platform vendor's declarations have it still compiles.
import {
  type Client,
  flush,
  getClient,
  getCurrentTrace,
  init,
  ScoreDataType,
  type SpanData,
  SpanKind,
  score,
  session,
  setSession,
  setUser,
  shutdown,
  span,
  startTrace,
  TraceData,
  TraceStatus,
  trace,
  user,
  withSpan,
  withTrace,
} from 'pandaprobe-ts';

/** The shapes of the vendor's options. */
interface WithTraceOptions {
  input?: unknown;
  sessionId?: string | null;
  userId?: string | null;
  tags?: string[];
  metadata?: Record<string, unknown>;
}
interface WithSpanOptions {
  kind?: SpanKind;
  model?: string | null;
  metadata?: Record<string, unknown>;
}
interface ConfigOptions {
  apiKey?: string;
  projectName?: string;
  endpoint?: string;
  environment?: string;
  release?: string;
  enabled?: boolean;
  batchSize?: number;
  flushInterval?: number;
  maxQueueSize?: number;
  debug?: boolean;
}
interface ScoreOptions {
  dataType?: ScoreDataType;
  reason?: string | null;
  metadata?: Record<string, unknown>;
}

export async function accepts(
  traceOptions: WithTraceOptions,
  spanOptions: WithSpanOptions,
  config: ConfigOptions,
  scoreOptions: ScoreOptions,
): Promise<void> {
  const client: Client | null = init(config);
  const same: Client | null = getClient();
  const isEnabled: boolean | undefined = same?.enabled;
  const endpoint: string | undefined = client?.config.endpoint;
  void [isEnabled, endpoint];

  const t = startTrace('t', traceOptions);
  const answer: string = await withTrace('t', traceOptions, async (ctx) => {
    ctx.setInput({ messages: [] });
    ctx.setOutput({ messages: [] });
    ctx.setMetadata({ a: 1 });
    ctx.setStatus(TraceStatus.RUNNING);
    return withSpan('s', spanOptions, async (s): Promise<string> => {
      s.setTokenUsage({ promptTokens: 1, completionTokens: undefined, reasoningTokens: 2 });
      s.setCost({ total: 1, input: 0.5 });
      s.setError('no');
      s.setModel('m');
      s.setModelParameters({ temperature: 0 });
      s.setCompletionStartTime(new Date());
      return s.spanId;
    });
  });
  const plain: number = await withTrace('t', () => 1);
  void [answer, plain];

  const run: Promise<number> = t.run(async (ctx) => ctx.traceId.length);
  const inner: Promise<string> = t.span('s', spanOptions).run(async (s) => s.spanId);
  const perhaps = Math.random() > 2 ? 'sync' : Promise.resolve('async');
  const mixed: string = await session('s', () => user('u', () => perhaps));
  void [run, inner, mixed];
  t.end();
  t.end(new Error('no'));

  score(t.traceId, 'verdict', 'PASS', scoreOptions);
  score(t.traceId, 'verdict', 'PASS', { dataType: ScoreDataType.CATEGORICAL, reason: null });
  client?.score(t.traceId, 'verdict', 'PASS', scoreOptions);
  setSession('s');
  setUser('u');
  getCurrentTrace()?.span('s', { kind: 'TOOL', model: null }).end();
  client?.onError((error: unknown) => void error);
  client?.trace('t', { sessionId: null, userId: null }).end();

  const data = new TraceData({ name: 't', startedAt: new Date(), endedAt: null, sessionId: null, spans: [] });
  const spans: SpanData[] = data.spans;
  const tags: string[] = data.tags;
  data.output = { messages: [] };
  const body: Record<string, unknown> = data.toApiDict();
  void [spans, tags, body];

  await flush(5);
  await flush();
  await client?.flush(5);
  await client?.shutdown();
  await shutdown();
}

export class Agent {
  @trace({ name: 'agent', sessionId: null, userId: null, tags: ['a'], metadata: { a: 1 } })
  async run(input: { messages: unknown[] }): Promise<number> {
    return this.generate(input);
  }
  @span({ name: 'generate', kind: SpanKind.LLM, model: null, metadata: {} })
  generate(input: { messages: unknown[] }): number {
    return input.messages.length;
  }
  @trace() called(): void {}
  @span() calledToo(): void {}
  @trace bare(): void {}
  @span bareToo(): void {}
}
