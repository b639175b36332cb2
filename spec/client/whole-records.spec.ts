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

function expectWhole(trace: TraceRecord | undefined, late: LateSpansRecord | undefined): void {
  expect(JSON.parse(trace?.input ?? '')).to.deep.equal(input);
  expect(JSON.parse(trace?.output ?? '')).to.deep.equal(input);
  expect(JSON.parse(trace?.spans[0]?.input ?? '')).to.equal(long);
  expect(JSON.parse(trace?.spans[0]?.output ?? '')).to.deep.equal({ text: long });
  expect(JSON.parse(late?.spans[0]?.output ?? '')).to.equal(long);
}

describe('Records with long texts', () => {
  let traces: TraceRecord[];
  let lates: LateSpansRecord[];
  beforeEach(() => {
    traces = [];
    lates = [];
  });

  it('reach a sink of the user’s as JSON text', async () => {
    const mine: Sink = {
      name: 'mine',
      trace: (trace) => traces.push(trace),
      lateSpans: (spans) => lates.push(spans),
    };
    const memory = new MemorySink();
    const client = new Client({ sinks: [mine, memory] });
    record(client);
    expectWhole(traces[0], lates[0]);
    expect(memory.traces[0]?.spans.find(({ name }) => name === 'late')?.output).to.equal(long);
    await client.shutdown();
  });

  it('reach an HttpSink that was extended as JSON text, and the backend as values', async () => {
    class SeeingSink extends HttpSink {
      override trace(trace: TraceRecord): void {
        traces.push(trace);
        super.trace(trace);
      }

      override lateSpans(spans: LateSpansRecord): void {
        lates.push(spans);
        super.lateSpans(spans);
      }
    }
    const receiver = await startReceiver();
    const options = { apiKey: 'sk_pp_key', projectName: 'specs', endpoint: receiver.url, worker: 'inline' } as const;
    const client = new Client({ sinks: [new SeeingSink(options)] });
    record(client);
    expectWhole(traces[0], lates[0]);
    await client.shutdown();
    expect(receiver.traces[0]?.input).to.deep.equal(input);
    await receiver.close();
  });
});
