import { expect } from 'chai';
import { Client, HttpSink, MemorySink, type Sink } from '../../lib/index.js';
import type { LateSpansRecord, TraceRecord } from '../../lib/model/records.js';
import { startReceiver } from '../support/receiver.js';

const long = `"She said yes",\n${'and we booked the room. '.repeat(40)}`;
const input = { messages: [{ role: 'user', content: long }] };

/** Records a trace with long texts, and a span that ends after it. */
function record(client: Client): void {
  const trace = client.trace('agent', { input });
  const early = trace.span('early').setInput(long).setOutput({ text: long });
  const late = trace.span('late');
  early.end();
  trace.setOutput(input).end();
  late.setOutput(long).end();
}

class SeeingSink extends HttpSink {
  readonly seen: (TraceRecord | LateSpansRecord)[] = [];

  override trace(trace: TraceRecord): void {
    this.seen.push(trace);
    super.trace(trace);
  }

  override lateSpans(spans: LateSpansRecord): void {
    this.seen.push(spans);
    super.lateSpans(spans);
  }
}

describe('Records with long texts', () => {
  for (const [whose, make] of [
    ['a sink of the user’s', () => ({ name: 'mine' })],
    [
      'an HttpSink that was extended',
      (url: string) => new SeeingSink({ apiKey: 'sk_pp_key', projectName: 'specs', endpoint: url, worker: 'inline' }),
    ],
  ] as const) {
    it(`reach ${whose} as JSON text`, async () => {
      const receiver = await startReceiver();
      const seen: (TraceRecord | LateSpansRecord)[] = [];
      const made = make(receiver.url);
      const sink: Sink =
        made instanceof SeeingSink
          ? made
          : { ...made, trace: (trace) => seen.push(trace), lateSpans: (spans) => seen.push(spans) };
      const memory = new MemorySink();
      const client = new Client({ sinks: [sink, memory] });
      record(client);
      const [trace, late] = (made instanceof SeeingSink ? made.seen : seen) as [TraceRecord, LateSpansRecord];
      expect(JSON.parse(trace.input ?? '')).to.deep.equal(input);
      expect(JSON.parse(trace.output ?? '')).to.deep.equal(input);
      expect(JSON.parse(trace.spans[0]?.input ?? '')).to.equal(long);
      expect(JSON.parse(trace.spans[0]?.output ?? '')).to.deep.equal({ text: long });
      expect(JSON.parse(late.spans[0]?.output ?? '')).to.equal(long);
      expect(memory.traces[0]?.spans.find(({ name }) => name === 'late')?.output).to.equal(long);
      await client.shutdown();
      if (made instanceof SeeingSink) expect(receiver.traces[0]?.input).to.deep.equal(input);
      await receiver.close();
    });
  }
});
