import { expect } from 'chai';
import { json, lateSpansRecord, scoreRecord, spanRecord, startDelivery, traceRecord } from '../../support/delivery.js';
import { type Behave, startReceiver, treeOf } from '../../support/receiver.js';
import { unprocessable } from '../../support/receiver-behaviours.js';

/** Refuses what still has an input, in a way that says nothing of it. */
const refuseInputs: Behave = ({ body }) =>
  JSON.stringify(body).includes('"input"')
    ? { status: 422, body: { detail: 'There was an error parsing the body' } }
    : undefined;

describe('Delivery of items that are refused without a reason', () => {
  const root = () => spanRecord({ input: json('a'), output: json('b') });

  it('sends the tree without its values', async () => {
    await using receiver = await startReceiver({ behave: refuseInputs });
    const { delivery, lines } = startDelivery(receiver.url);
    const span = root();
    const child = spanRecord({ parentSpanId: span.spanId, kind: 'LLM', model: 'm' }, 1);
    delivery.trace(traceRecord({ sessionId: 'chat-7', metadata: json({ a: 1 }), spans: [span, child] }));
    expect(await delivery.flush()).to.include({ ok: true, delivered: 1, failed: 0 });
    const trace = receiver.trace('T');
    expect(treeOf(trace)).to.equal('T(s0(s1))');
    expect(trace).to.include({ session_id: 'chat-7' });
    expect(trace.spans[0]).not.to.have.any.keys('input', 'output');
    expect(trace.spans[1]).to.include({ kind: 'LLM' });
    expect(lines.join()).to.include('all values dropped, 4 fields');
    await delivery.shutdown();
  });

  it('sends late spans without their values', async () => {
    await using receiver = await startReceiver({ behave: refuseInputs });
    const { delivery } = startDelivery(receiver.url);
    const trace = traceRecord();
    delivery.trace(trace);
    delivery.lateSpans(lateSpansRecord(trace.traceId, root()));
    expect(await delivery.flush()).to.include({ ok: true, delivered: 2 });
    expect(treeOf(receiver.trace('T'))).to.equal('T(s0)');
    await delivery.shutdown();
  });

  it('removes all values if the refused field is not in the item, or no longer', async () => {
    await using receiver = await startReceiver({
      behave: ({ body }) =>
        JSON.stringify(body).includes('"output"') ? unprocessable('spans -> 0 -> input') : undefined,
    });
    const { delivery } = startDelivery(receiver.url);
    delivery.trace(traceRecord({ spans: [root()] }));
    expect(await delivery.flush()).to.include({ ok: true, delivered: 1 });
    expect(treeOf(receiver.trace('T'))).to.equal('T(s0)');
    await delivery.shutdown();
  });

  it('gives up items that are refused without values, and scores, which need all their fields', async () => {
    await using receiver = await startReceiver({ behave: () => ({ status: 422, body: { detail: 'no' } }) });
    const { delivery } = startDelivery(receiver.url);
    delivery.trace(traceRecord({ spans: [root()] }));
    delivery.score(scoreRecord(traceRecord().traceId, { metadata: json({ a: 1 }) }));
    expect(await delivery.flush()).to.include({ ok: false, failed: 2 });
    expect(receiver.requests.map(({ call }) => call)).to.have.members([
      'POST /traces',
      'POST /traces',
      'POST /evaluations/trace-scores',
    ]);
    await delivery.shutdown();
  });
});
