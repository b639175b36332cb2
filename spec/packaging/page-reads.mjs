// What a page may read of what it gets, and further calls. Prints what the program itself got.
import {
  flushAfter,
  getClient,
  getSpanStack,
  logTrace,
  SpanData,
  score,
  setSession,
  setUser,
  shutdown,
  startTrace,
  suppressProviderSpans,
  TraceData,
  user,
  withTrace,
} from 'pandaprobe-ts';
import { extract, inject, injectingFetch, withRemoteParent } from 'pandaprobe-ts/propagation';

const isId = (text) => /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(text);
const trace = startTrace('handle');
const span = trace.span('step');
const time = new Date(0);
score(trace.traceId, 'helpful', true);
logTrace(new TraceData({ name: 't', startedAt: time, spans: [new SpanData({ name: 's', startedAt: time })] }));
setSession('s');
setUser('u');

const results = [
  isId(trace.traceId) && isId(span.spanId) && span.traceId === trace.traceId && span.spanId !== trace.traceId,
  withTrace('ids', (t) => t.withSpan('s', (s) => isId(t.traceId) && isId(s.spanId))),
  user('u', () => suppressProviderSpans(() => getSpanStack().length)),
  inject(),
  withRemoteParent(extract({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }), () => 'below'),
  await injectingFetch(async (url) => url)('https://page.invalid/'),
  await flushAfter(async () => 'answered')(),
  (await shutdown()).ok,
  getClient().stats().created,
];
console.log(JSON.stringify(results));
