// The context API: traces and spans as handles that end with their block, and as callbacks.
//
// rag-pipeline  236 tokens  $0.002  session chat-7  user ada  tags rag, docs
// ├─ retrieve RETRIEVER
// │  └─ embed-query EMBEDDING embed-small  6 tokens
// └─ generate LLM gpt-5.4  230 tokens  $0.002
//
// weather
// └─ ask-stations AGENT
//    ├─ first-station TOOL  ERROR station is down
//    └─ second-station TOOL  ERROR no answer
//
// report  ERROR
// └─ collect OTHER  ERROR no data
//    └─ read TOOL  ERROR no data
//
// night-job  PENDING
// └─ after OTHER
//
// sub-job
// └─ clean TOOL
import { startTrace, withSpan, withTrace } from 'pandaprobe-ts';

const input = { messages: [{ role: 'user', content: 'Which river is the longest?' }] };
const output = { messages: [{ role: 'assistant', content: 'The Nile.' }] };
const options = { input, sessionId: 'chat-7', userId: 'ada', tags: ['rag', 'docs'], metadata: { attempt: 1 } };
{
  using t = startTrace('rag-pipeline', options);
  {
    using s = t.span('retrieve', { kind: 'RETRIEVER' }); // open to the end of the block: what follows is its child
    using _e = t.span('embed-query', { kind: 'EMBEDDING', model: 'embed-small' }).setTokenUsage({ promptTokens: 6 });
    s.setInput({ query: 'longest river' }).setOutput({ documents: ['Nile, 6650 km', 'Amazon, 6400 km'] });
  }
  using s = t.span('generate', { kind: 'LLM', model: 'gpt-5.4', metadata: { prompt: 'short' } });
  s.setInput(input).setModelParameters({ temperature: 0 }).setCompletionStartTime(new Date()).setOutput(output);
  s.setTokenUsage({ promptTokens: 150, completionTokens: 80, cacheReadTokens: 64 }).setCost({ total: 0.002 });
  t.setMetadata({ answeredBy: s.spanId }).setOutput(output); // `attempt` stays
}
{
  using t = startTrace('weather');
  using s = t.span('ask-stations', { kind: 'AGENT' });
  try {
    s.withSpan('first-station', { kind: 'TOOL' }, () => {
      throw new Error('station is down');
    });
  } catch {
    // The error is caught here, so the outer spans stay OK. `using` cannot see it: call setError(), or use withSpan.
    using _second = s.span('second-station', { kind: 'TOOL' }).setError('no answer');
  }
}
const read = () => withSpan('read', { kind: 'TOOL' }, () => Promise.reject(new Error('no data')));
// An error that is not caught marks every span on its way, and the trace, and reaches the caller unchanged.
await withTrace('report', (t) => t.withSpan('collect', read)).catch(({ message }: Error) => console.log(message));
await using outer = startTrace('night-job');
{
  using inner = startTrace('sub-job', { metadata: { startedBy: outer.traceId } }); // then `outer` is current again
  inner.withSpan('clean', { kind: 'TOOL' }, () => undefined);
}
withSpan('after', () => outer.setStatus('PENDING'));
