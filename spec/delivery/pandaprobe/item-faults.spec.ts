import { expect } from 'chai';
import { pandaProbeEncoder } from '../../../lib/delivery/pandaprobe/encoder.js';
import {
  chainOf,
  json,
  lateSpansRecord,
  scoreRecord,
  spanRecord,
  startDelivery,
  traceRecord,
} from '../../support/delivery.js';
import {
  type Behave,
  type Receiver,
  startReceiver,
  tooLargeOver,
  treeOf,
  unprocessable,
} from '../../support/receiver.js';

const nameOf = (body: unknown) => (body as { name?: string }).name;
/** Does `first` for the first `times` requests of a call. */
function firstly(call: string, times: number, first: ReturnType<Behave>): Behave {
  let left = times;
  return (request) => (request.call === call && left-- > 0 ? first : undefined);
}
const posts = (receiver: Receiver) => receiver.requests.map((request) => request.call);

describe('Delivery', () => {
  describe('with an item that is the fault itself', () => {
    it('P6 delivers the other 47 whole, cuts the big one, repairs or counts the refused one, gives up the one that answers 500', async () => {
      const limit = tooLargeOver(1_000_000);
      await using receiver = await startReceiver({
        behave(request) {
          if (nameOf(request.body) === 'poison') return { status: 500, body: { detail: 'Internal server error' } };
          const spans = (request.body as { spans?: { cost?: unknown }[] }).spans;
          if (spans?.[0]?.cost !== undefined) return unprocessable('body -> spans -> 0 -> cost -> x');
          return limit(request);
        },
      });
      const { delivery, losses } = startDelivery(receiver.url, { maxBodyBytes: 64 * 1_048_576 });
      for (let i = 0; i < 50; i += 1) {
        if (i === 10)
          delivery.trace(traceRecord({ name: 'big', input: json('x'.repeat(20_000_000)), spans: chainOf(2) }));
        else if (i === 20)
          delivery.trace(
            traceRecord({ name: 'repaired', spans: [spanRecord({ cost: json({ x: null }), output: json(1) })] }),
          );
        else if (i === 30) delivery.trace(traceRecord({ name: 'poison' }));
        else delivery.trace(traceRecord({ name: `t${i}`, spans: chainOf(3) }));
      }
      for (let i = 0; delivery.stats().pending > 0 && i < 100; i += 1) {
        await delivery.flush({ timeoutMs: 300 });
        delivery.trace(traceRecord({ name: 'later' })); // the backend works for others
      }
      const whole = receiver.traces.filter((trace) => /^t\d+$/.test(trace.name));
      expect(whole).to.have.length(47);
      for (const trace of whole) expect(treeOf(trace)).to.equal(`${trace.name}(s0(s1(s2)))`);
      expect(receiver.trace('big').input).to.match(/20000002 bytes/);
      expect(treeOf(receiver.trace('big'))).to.equal('big(s0(s1))');
      expect(receiver.trace('repaired').spans[0]).to.include({ output: 1 }).and.not.have.property('cost');
      expect(delivery.stats()).to.include({ failed: 1, repaired: 2 });
      expect(losses.map((error) => error.status)).to.deep.equal([500]);
      await delivery.shutdown();
    });
    for (const status of [429, 500, 503]) {
      it(`logs its repairs even if ${status} came before the item was accepted`, async () => {
        await using receiver = await startReceiver();
        const answers = [unprocessable('body -> spans -> 0 -> cost -> x'), { status, body: { detail: 'no' } }];
        receiver.behave = () => answers.shift();
        const { delivery, lines } = startDelivery(receiver.url);
        delivery.trace(traceRecord({ name: 'mended', spans: [spanRecord({ cost: json({ x: null, total: 1 }) })] }));
        expect(await delivery.flush()).to.include({ ok: true, delivered: 1 });
        expect(receiver.trace('mended').spans[0]).to.deep.include({ cost: { total: 1 } });
        expect(delivery.stats()).to.include({ repaired: 1 });
        expect(lines.filter((line) => line.includes('spans.0.cost.x dropped'))).to.have.length(1);
        await delivery.shutdown();
      });
    }
    it('sends the rest of an item that splitting has made larger than the queue', async () => {
      await using receiver = await startReceiver();
      const trace = traceRecord({ name: 'full', spans: chainOf(2) });
      const [body = ''] = pandaProbeEncoder.trace(trace, 1e6);
      const { delivery } = startDelivery(receiver.url, { maxQueueBytes: Buffer.byteLength(body) });
      const statuses = [413, 500];
      receiver.behave = () => {
        const status = statuses.shift();
        return status === undefined ? undefined : { status, body: { detail: 'no' } };
      };
      delivery.trace(trace);
      expect(await delivery.flush()).to.include({ ok: true, delivered: 1 });
      expect(receiver.trace('full').spans).to.have.length(2);
      await delivery.shutdown();
    });
    it('delays no other item by one whose trace is unknown, and gives that one up in the end', async () => {
      await using receiver = await startReceiver();
      const { delivery, losses } = startDelivery(receiver.url, { timing: { maxAbsentTotalMs: 60 } });
      delivery.lateSpans(lateSpansRecord(traceRecord().traceId, spanRecord()));
      delivery.score(scoreRecord(traceRecord().traceId));
      delivery.trace(traceRecord());
      expect(await delivery.flush()).to.include({ ok: false, delivered: 1, failed: 2 });
      for (const { attempts } of losses) expect(attempts).to.be.at.least(3);
      expect(losses[0]?.message).to.match(/HTTP 404 .* has no such trace \(yet\): check the trace id$/);
      await delivery.shutdown();
    });
    it('drops the late spans and scores of a trace that was refused', async () => {
      await using receiver = await startReceiver({
        behave: ({ call }) => (call === 'POST /traces' ? { status: 409 } : undefined),
      });
      const { delivery } = startDelivery(receiver.url);
      const trace = traceRecord();
      delivery.trace(trace);
      delivery.score(scoreRecord(trace.traceId));
      expect(await delivery.flush()).to.include({ failed: 1, dropped: 1 });
      delivery.lateSpans(lateSpansRecord(trace.traceId, spanRecord()));
      expect(delivery.stats().droppedByReason).to.deep.equal({ trace_lost: 2 });
      expect(posts(receiver)).to.deep.equal(['POST /traces']);
      await delivery.shutdown();
    });
  });

  describe('with items that the backend refuses in part', () => {
    const cases: Record<string, [string, Record<string, unknown>]> = {
      'body -> spans -> 1 -> name': ['replaces', { name: 'unnamed' }],
      'spans -> 1 -> model': ['drops', { model: undefined }],
      'body -> spans -> 1 -> token_usage -> prompt_tokens': ['drops', { token_usage: { completion_tokens: 1 } }],
    };
    for (const [field, [verb, expected]] of Object.entries(cases)) {
      it(`${verb} ${field} and sends the rest`, async () => {
        await using receiver = await startReceiver({ behave: firstly('POST /traces', 1, unprocessable(field)) });
        const { delivery, lines } = startDelivery(receiver.url);
        const usage = json({ prompt_tokens: -1, completion_tokens: 1 });
        delivery.trace(traceRecord({ spans: [spanRecord(), spanRecord({ model: 'm', tokenUsage: usage }, 1)] }));
        expect(await delivery.flush()).to.include({ ok: true, delivered: 1 });
        const span = receiver.trace('T').spans[1];
        for (const [name, value] of Object.entries(expected)) expect(span?.[name]).to.deep.equal(value);
        expect(lines.join()).to.include('took the trace');
        await delivery.shutdown();
      });
    }
    it('drops several refused entries of a list, and keeps the others', async () => {
      const refuse = unprocessable('body -> tags -> 0', 'body -> tags -> 2', 'body -> tags -> 2');
      await using receiver = await startReceiver({ behave: firstly('POST /traces', 1, refuse) });
      const { delivery } = startDelivery(receiver.url);
      delivery.trace(traceRecord({ tags: ['bad', 'a', 'worse', 'b'] }));
      expect(await delivery.flush()).to.include({ ok: true, delivered: 1 });
      expect(receiver.trace('T').tags).to.deep.equal(['a', 'b']);
      await delivery.shutdown();
    });
    it('drops a span that stays refused, and keeps the others', async () => {
      await using receiver = await startReceiver({
        behave({ body }) {
          const spans = (body as { spans: { name: string }[] }).spans;
          const bad = spans.findIndex((span) => span.name === 's1' || span.name === 'unnamed');
          return bad < 0 ? undefined : unprocessable(`body -> spans -> ${bad} -> name`);
        },
      });
      const { delivery } = startDelivery(receiver.url);
      delivery.trace(traceRecord({ spans: [0, 1, 2].map((i) => spanRecord({}, i)) }));
      expect(await delivery.flush()).to.include({ ok: true });
      expect(treeOf(receiver.trace('T'))).to.equal('T(s0, s2)');
      await delivery.shutdown();
    });
    it('P7 delivers 5,000 spans with the right tree, at most 500 in a request', async () => {
      await using receiver = await startReceiver({ storeAfterMs: 20 });
      const { delivery } = startDelivery(receiver.url);
      const [root, ...rest] = Array.from({ length: 5000 }, (_, i) => spanRecord({}, i));
      const trace = traceRecord({ spans: [root!, ...rest.map((span) => ({ ...span, parentSpanId: root!.spanId }))] });
      delivery.trace(trace);
      expect(await delivery.flush()).to.include({ ok: true });
      delivery.lateSpans(
        lateSpansRecord(trace.traceId, spanRecord({ name: 'late', parentSpanId: root!.spanId }, 9000)),
      );
      expect(await delivery.flush()).to.include({ ok: true });
      const names = Array.from({ length: 4999 }, (_, i) => `s${i + 1}`).join(', ');
      expect(treeOf(receiver.trace('T'))).to.equal(`T(s0(${names}, late))`);
      for (const { body } of receiver.requests) {
        expect(((body as { spans?: unknown[] }).spans ?? (body as unknown[])).length).to.be.at.most(500);
      }
      await delivery.shutdown();
    });
    it('P7 halves bodies that are too large for a proxy, and remembers the size', async () => {
      await using receiver = await startReceiver({ behave: tooLargeOver(100_000) });
      const { delivery } = startDelivery(receiver.url);
      const spans = () => Array.from({ length: 64 }, (_, i) => spanRecord({ input: json('x'.repeat(10_000)) }, i));
      delivery.trace(traceRecord({ name: 'first', spans: spans() }));
      expect(await delivery.flush()).to.include({ ok: true });
      const refused = () => receiver.requests.filter((request) => request.status === 413).length;
      const before = refused();
      expect(before).to.be.within(1, 8);
      delivery.trace(traceRecord({ name: 'second', spans: spans() }));
      expect(await delivery.flush()).to.include({ ok: true });
      expect(refused()).to.equal(before);
      for (const trace of receiver.traces) {
        expect(trace.spans).to.have.length(64);
        expect(trace.spans[7]?.input).to.have.length(10_000);
      }
      await delivery.shutdown();
    });
  });
});
