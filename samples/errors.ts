// Errors: what a span records, what passes through, what the caller gets.
//
// agent-gives-up  ERROR
// └─ answer AGENT  ERROR quota used up
//    └─ generate LLM gpt-5.4  ERROR quota used up
//
// agent-goes-on
// └─ answer AGENT
//    ├─ main-index TOOL  ERROR connect ECONNREFUSED
//    └─ spare-index TOOL
//
// handles-are-told  ERROR
// ├─ by-set-error TOOL  ERROR rate limited
// └─ by-end TOOL  ERROR bad answer
//
// any-value  ERROR
// └─ throws-text TOOL  ERROR just a text
import { startTrace, withSpan, withTrace } from 'pandaprobe-ts';

const quota = new Error('quota used up');
const generate = () => withSpan('generate', { kind: 'LLM', model: 'gpt-5.4' }, async () => Promise.reject(quota));

// An error makes every span it passes through ERROR, then the trace; the caller gets the very same object.
try {
  await withTrace('agent-gives-up', () => withSpan('answer', { kind: 'AGENT' }, async () => generate()));
} catch (error) {
  console.log('same error:', error === quota);
}

// An error that is caught stays with the span it came from.
await withTrace('agent-goes-on', () =>
  withSpan('answer', { kind: 'AGENT' }, async () => {
    try {
      return withSpan('main-index', { kind: 'TOOL' }, () => {
        throw new Error('connect ECONNREFUSED');
      });
    } catch {
      return withSpan('spare-index', { kind: 'TOOL' }, () => ['one document']);
    }
  }),
);

// JavaScript does not tell `using` that its block threw, so a handle has to be told: setError, or end with the error.
{
  using t = startTrace('handles-are-told');
  {
    using s = t.span('by-set-error', { kind: 'TOOL' });
    s.setError('rate limited');
  }
  t.span('by-end', { kind: 'TOOL' }).end(new Error('bad answer'));
  t.setStatus('ERROR');
}

// Whatever is thrown is passed on as it is, also what is no Error.
const thrown = await withTrace('any-value', () =>
  withSpan('throws-text', { kind: 'TOOL' }, () => Promise.reject('just a text')),
).catch((error: unknown) => error);
console.log('thrown:', thrown);
