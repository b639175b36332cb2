import { createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { expect } from 'chai';
import { Client } from '../../lib/client/client.js';
import { MemorySink } from '../../lib/client/sinks/memory-sink.js';
import { pandaProbeSpanProcessor } from '../../lib/opentelemetry/opentelemetry.js';
import { agent, spanMaker } from './spans.js';

/** A context as `propagateAttributes` of `@langfuse/tracing` 5 makes it. */
function propagating(values: Readonly<Record<string, unknown>>) {
  return Object.entries(values).reduce(
    (context, [name, value]) => context.setValue(createContextKey(`langfuse_${name}`), value),
    ROOT_CONTEXT,
  );
}

describe('propagateAttributes() of Langfuse, without its span processor', () => {
  let sink: MemorySink;
  let client: Client;
  beforeEach(() => {
    sink = new MemorySink();
    client = new Client({ sinks: [sink] }, {});
  });
  afterEach(() => client.shutdown());

  /** Records one span that starts in a context. */
  function record(context: unknown, attributes: Record<string, unknown> = agent) {
    const processor = pandaProbeSpanProcessor({ client });
    const span = spanMaker()('chat', attributes);
    processor.onStart(span, context);
    processor.onEnd(span);
    return { span, trace: sink.traces[0] };
  }

  it('gives the trace its session, user, tags, name and metadata', () => {
    const values = {
      session_id: 'chat-7',
      user_id: 'ada',
      tags: ['vip'],
      trace_name: 'turn',
      metadata: { plan: 'pro' },
    };
    const { trace } = record(propagating(values));
    expect(trace).to.deep.include({ name: 'turn', sessionId: 'chat-7', userId: 'ada', tags: ['vip'] });
    expect(trace?.spans[0]?.metadata).to.include({ 'langfuse.trace.metadata.plan': 'pro' });
  });

  it('changes no span, and no attribute that the span has itself', () => {
    const { span, trace } = record(propagating({ session_id: 'chat-7' }), { ...agent, 'session.id': 'its own' });
    expect(span.attributes).to.deep.equal({ ...agent, 'session.id': 'its own' });
    expect(trace?.sessionId).to.equal('its own');
  });

  it('is read without throwing, whatever it contains', () => {
    const hostile = { getValue: () => ({ toString: () => expect.fail('called') }) };
    for (const context of [undefined, {}, hostile, propagating({ session_id: 7, tags: 'vip', metadata: 'plan' })]) {
      sink.clear();
      const { trace } = record(context);
      expect(trace).to.deep.include({ name: 'chat', tags: [] });
      expect(trace?.sessionId).to.equal(undefined);
    }
  });
});
