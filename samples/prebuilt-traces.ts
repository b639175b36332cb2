// Traces that were recorded elsewhere, such as in a log file, and are sent as they are.
//
// imported-run  150 tokens  $0.0011  session import-1  user ada  tags imported
// └─ answer CHAIN
//    ├─ search RETRIEVER
//    └─ generate LLM gpt-5.4  150 tokens  $0.0011
//
// failed-run  ERROR
// └─ fetch-page TOOL  ERROR 404 not found
import { logTrace, SpanData, TraceData } from 'pandaprobe-ts';

/** A time of the imported run, in milliseconds after its start. */
const at = (ms: number) => new Date(Date.parse('2026-03-29T10:00:00Z') + ms);

const answer = new SpanData({ name: 'answer', kind: 'CHAIN', status: 'OK', startedAt: at(0), endedAt: at(1100) });
const search = new SpanData({
  name: 'search',
  kind: 'RETRIEVER',
  status: 'OK',
  parentSpanId: answer.spanId,
  startedAt: at(100),
  endedAt: at(140),
});
const generate = new SpanData({
  name: 'generate',
  kind: 'LLM',
  status: 'OK',
  parentSpanId: answer.spanId,
  model: 'gpt-5.4',
  tokenUsage: { promptTokens: 120, completionTokens: 30 },
  cost: { total: 0.0011 },
  startedAt: at(150),
  completionStartTime: at(400),
  endedAt: at(1050),
});

logTrace(
  new TraceData({
    name: 'imported-run',
    input: { messages: [{ role: 'user', content: 'Who wrote Dracula?' }] },
    output: { messages: [{ role: 'assistant', content: 'Bram Stoker.' }] },
    sessionId: 'import-1',
    userId: 'ada',
    tags: ['imported'],
    metadata: { file: 'runs-2026-03-29.log' },
    startedAt: at(0),
    endedAt: at(1100),
    spans: [answer, search, generate],
  }),
);

const times = { startedAt: at(5000), endedAt: at(8000) };
const fetchPage = new SpanData({ name: 'fetch-page', kind: 'TOOL', status: 'ERROR', error: '404 not found', ...times });
logTrace(new TraceData({ name: 'failed-run', status: 'ERROR', spans: [fetchPage], ...times }));
