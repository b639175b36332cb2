// As in the platform vendor's manual and type declarations, with only the import name changed: handles and the client.
import {
  Client,
  flush,
  getClient,
  getCurrentTrace,
  ScoreDataType,
  SpanData,
  SpanKind,
  SpanStatusCode,
  score,
  session,
  setSession,
  setUser,
  shutdown,
  startTrace,
  TraceData,
  TraceStatus,
  user,
  VERSION,
  withSpan,
  withTrace,
} from 'pandaprobe-ts';

const t = startTrace('imperative', { sessionId: null, userId: null, tags: ['a'], metadata: { a: 1 } });
try {
  await t.span('step', { kind: SpanKind.TOOL, model: null }).run(async (s) => {
    s.setInput({ q: 1 });
    s.setOutput({ a: 2 });
    s.setTokenUsage({ promptTokens: 3, completionTokens: 4 });
    s.setCost({ total: 0.1 });
    s.setModelParameters({ temperature: 0 });
    s.setCompletionStartTime(new Date());
    s.setMetadata({ b: 2 });
    await withSpan('inner', { kind: SpanKind.CHAIN }, () => getCurrentTrace()?.setMetadata({ c: 3 }));
  });
  t.setStatus(TraceStatus.COMPLETED);
} finally {
  t.end();
}
score(t.traceId, 'verdict', 'PASS', { dataType: ScoreDataType.CATEGORICAL, reason: null, metadata: {} });

const failed = startTrace('failed');
failed.end(new Error('no luck'));

await session('conv-123', async () => {
  await user('user-42', async () => {
    await withTrace('scoped', async () => {});
  });
});
setSession('conv-456');
setUser('user-43');
await withTrace('set', () => {});

const now = new Date();
const span = new SpanData({
  name: 'part',
  kind: SpanKind.AGENT,
  status: SpanStatusCode.OK,
  startedAt: now,
  endedAt: null,
});
getClient()?.logTrace(new TraceData({ name: 'built', startedAt: now, endedAt: now, spans: [span] }));

const second = new Client({ environment: 'staging', release: '1', enabled: true, batchSize: 1, flushInterval: 1 });
const own = second.trace('second', { input: { messages: [{ role: 'user', content: 'hi' }] } });
own.end();
second.onError(() => {});
await second.flush(5);
await second.shutdown();

await flush(5);
await shutdown();
console.log(VERSION.split('.').length);
