import { expect } from 'chai';
import {
  type Behave,
  type Receiver,
  rateLimited,
  startReceiver,
  tooLargeOver,
  treeOf,
  unprocessable,
} from '../support/receiver.js';
import { chainOf, json, lateSpansRecord, scoreRecord, spanRecord, startDelivery, traceRecord } from './records.js';

const nameOf = (body: unknown) => (body as { name?: string }).name;
/** Does `first` for the first `times` requests of a call. */
function firstly(call: string, times: number, first: ReturnType<Behave>): Behave {
  let left = times;
  return (request) => (request.call === call && left-- > 0 ? first : undefined);
}
const posts = (receiver: Receiver) => receiver.requests.map((request) => request.call);

describe('Delivery', () => {
  describe('against a rate limit', () => {
    it('P4 delivers 1,000 traces at 100 a window, in order per trace, with at most 10 % more requests', async () => {
      await using receiver = await startReceiver({ behave: rateLimited(100, 400) });
      const { delivery } = startDelivery(receiver.url, { timing: { backOffMs: 20, maxBackOffMs: 200 } });
      for (let i = 0; i < 1000; i += 1) {
        const trace = traceRecord();
        delivery.trace(trace);
        if (i % 10 === 0) delivery.score(scoreRecord(trace.traceId));
      }
      expect(await delivery.flush()).to.include({ ok: true, delivered: 1100 });
      expect(receiver.traces).to.have.length(1000);
      expect(receiver.count('POST /traces')).to.be.at.most(1100);
      expect(receiver.count('POST /evaluations/trace-scores'), 'none before its trace').to.equal(100);
      await delivery.shutdown();
    });
    it('P4 makes not one request inside Retry-After', async () => {
      await using receiver = await startReceiver({ behave: rateLimited(20, 1000, { retryAfter: true }) });
      const { delivery } = startDelivery(receiver.url);
      for (let i = 0; i < 50; i += 1) delivery.trace(traceRecord());
      expect(await delivery.flush()).to.include({ ok: true, delivered: 50 });
      const limited = receiver.requests.filter((request) => request.status === 429);
      // Those of the same moment were under way on the other sockets; the rest of the second is silent.
      for (const { at } of limited) {
        const inside = receiver.requests.filter(
          (other) => other.at > at && other.at < at + 1000 && other.status !== 429,
        );
        expect(inside).to.deep.equal([]);
      }
      expect(limited.length).to.be.at.most(2 * 4);
      await delivery.shutdown();
    });
  });

  describe('with an item that is the fault itself', () => {
    it('P6 delivers the other 47 whole, cuts the big one, mends or counts the refused one, gives up the one that answers 500', async () => {
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
            traceRecord({ name: 'mended', spans: [spanRecord({ cost: json({ x: null }), output: json(1) })] }),
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
      expect(receiver.trace('mended').spans[0]).to.include({ output: 1 }).and.not.have.property('cost');
      expect(delivery.stats()).to.include({ failed: 1, mended: 2 });
      expect(losses.map((error) => error.status)).to.deep.equal([500]);
      await delivery.shutdown();
    });
    it('keeps an item whose trace is not known yet to itself, and gives it up in the end', async () => {
      await using receiver = await startReceiver();
      const { delivery, losses } = startDelivery(receiver.url, { timing: { maxAbsences: 4 } });
      delivery.lateSpans(lateSpansRecord(traceRecord().traceId, spanRecord()));
      delivery.score(scoreRecord(traceRecord().traceId));
      delivery.trace(traceRecord());
      expect(await delivery.flush()).to.include({ ok: false, delivered: 1, failed: 2 });
      expect(losses.map((error) => error.attempts)).to.deep.equal([4, 4]);
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
      expect(delivery.stats().dropped).to.deep.equal({ trace_lost: 2 });
      expect(posts(receiver)).to.deep.equal(['POST /traces']);
      await delivery.shutdown();
    });
  });

  describe('with what the backend does not take as it is', () => {
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
    it('P7 halves what is too large for a proxy, and remembers', async () => {
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

  describe('with a connection that is cut', () => {
    for (const behaviour of ['cut', 'cut-after'] as const) {
      it(`P8 leaves one trace, one span, one score (${behaviour})`, async () => {
        const cut = new Map<string, number>();
        await using receiver = await startReceiver({
          behave({ call }) {
            const times = cut.get(call) ?? 0;
            cut.set(call, times + 1);
            return times < 1 ? behaviour : undefined;
          },
        });
        const { delivery } = startDelivery(receiver.url);
        const trace = traceRecord({ spans: chainOf(1) });
        delivery.trace(trace);
        delivery.lateSpans(lateSpansRecord(trace.traceId, spanRecord({ name: 'late' }, 5)));
        delivery.score(scoreRecord(trace.traceId));
        expect(await delivery.flush()).to.include({ ok: true, delivered: 3 });
        expect(receiver.traces).to.have.length(1);
        expect(treeOf(receiver.trace('T'))).to.equal('T(s0, late)');
        expect(receiver.trace('T').scores).to.have.length(1);
        await delivery.shutdown();
      });
    }
    it('P8 looks for a score again when the backend fails to tell', async () => {
      let looks = 0;
      let posts = 0;
      await using receiver = await startReceiver({
        behave({ call }) {
          if (call === 'POST /evaluations/trace-scores') return ++posts === 1 ? 'cut-after' : undefined;
          return call.startsWith('GET') && ++looks === 1 ? { status: 500 } : undefined;
        },
      });
      const { delivery } = startDelivery(receiver.url);
      const trace = traceRecord();
      delivery.trace(trace);
      delivery.score(scoreRecord(trace.traceId));
      expect(await delivery.flush()).to.include({ ok: true, delivered: 2 });
      expect(looks).to.equal(2);
      expect(posts).to.equal(1);
      await delivery.shutdown();
    });
    it('P8 does not send a score twice when it cannot see whether it is there', async () => {
      await using receiver = await startReceiver({
        behave({ call }) {
          if (call === 'POST /evaluations/trace-scores') return 'cut-after';
          return call.startsWith('GET') ? { status: 400 } : undefined;
        },
      });
      const { delivery, losses } = startDelivery(receiver.url);
      const trace = traceRecord();
      delivery.trace(trace);
      delivery.score(scoreRecord(trace.traceId));
      expect(await delivery.flush()).to.include({ ok: false, delivered: 1, failed: 1 });
      expect(receiver.count('POST /evaluations/trace-scores')).to.equal(1);
      expect(losses[0]?.message).to.include('not sent twice');
      await delivery.shutdown();
    });
  });

  describe('with a backend that is down', () => {
    it('P5 keeps the newest within the bounds, counts the drops, says one line, and delivers when it is back', async () => {
      await using receiver = await startReceiver();
      const { delivery, lines } = startDelivery(receiver.url, { maxQueueSize: 100, batchSize: 10 });
      delivery.trace(traceRecord({ name: 't999' }));
      await delivery.flush();
      await receiver.refuse();
      for (let i = 0; i < 1000; i += 1) {
        delivery.trace(traceRecord({ name: `t${i}` }));
        if (i % 50 === 0) await delivery.flush({ timeoutMs: 5 });
        const { created, delivered, failed, pending, dropped } = delivery.stats();
        expect(pending).to.be.at.most(100);
        expect(created).to.equal(delivered + failed + pending + (dropped.queue_full ?? 0));
      }
      const loud = lines.filter((line) => !line.includes('debug'));
      expect(loud.length, loud.join('\n')).to.be.at.most(2);
      await receiver.listen();
      await delivery.flush();
      expect(delivery.stats()).to.deep.include({ delivered: 101, failed: 0, pending: 0, dropped: { queue_full: 900 } });
      expect(
        receiver.traces
          .map((trace) => Number(trace.name.slice(1)))
          .sort((a, b) => a - b)
          .at(1),
      ).to.be.at.least(900);
      await delivery.shutdown();
    });
    it('P5 keeps to maxQueueBytes', async () => {
      await using receiver = await startReceiver({ behave: () => 'hang' });
      const { delivery } = startDelivery(receiver.url, { maxQueueBytes: 1_000_000 });
      for (let i = 0; i < 300; i += 1) {
        delivery.trace(traceRecord({ input: json('x'.repeat(50_000)) }));
        expect(delivery.stats().pendingBytes).to.be.at.most(1_000_000);
        if (i === 100) await delivery.flush({ timeoutMs: 50 });
      }
      delivery.trace(traceRecord({ input: json('x'.repeat(2_000_000)) }));
      expect(delivery.stats().dropped).to.have.keys('queue_bytes', 'too_large');
      await delivery.shutdown({ timeoutMs: 0 });
    });
    it('goes on with one probe, then with all, after 503', async () => {
      let isDown = true;
      await using receiver = await startReceiver({ behave: () => (isDown ? { status: 503 } : undefined) });
      const { delivery } = startDelivery(receiver.url, { timing: { backOffMs: 50, maxBackOffMs: 50 } });
      for (let i = 0; i < 30; i += 1) delivery.trace(traceRecord());
      await receiver.until(() => receiver.requests.length >= 8);
      isDown = false;
      expect(await delivery.flush()).to.include({ ok: true, delivered: 30 });
      await delivery.shutdown();
    });
  });

  describe('with a key that is refused', () => {
    it('stops, says so once, keeps what it has, and goes on when the key is accepted', async () => {
      let isRefused = true;
      await using receiver = await startReceiver({
        behave: () => (isRefused ? { status: 401, body: { detail: 'Invalid API key' } } : undefined),
      });
      const { delivery, lines, losses } = startDelivery(receiver.url, { timing: { blockedProbeMs: 30 } });
      for (let i = 0; i < 50; i += 1) delivery.trace(traceRecord());
      await receiver.until(() => receiver.requests.length >= 8);
      expect(delivery.stats()).to.include({ pending: 50 });
      expect(lines.filter((line) => line.includes('refused the API key'))).to.have.length(1);
      expect(losses.map((error) => [error.status, error.items])).to.deep.equal([[401, 0]]);
      isRefused = false;
      await receiver.until(() => receiver.traces.length === 50);
      await delivery.shutdown();
    });
    it('treats an endpoint that is no backend alike', async () => {
      await using receiver = await startReceiver({ behave: () => ({ status: 404 }) });
      const { delivery, lines } = startDelivery(receiver.url);
      delivery.trace(traceRecord());
      void delivery.flush();
      await receiver.until(() => receiver.requests.length === 2);
      expect(delivery.stats()).to.include({ pending: 1 });
      expect(lines.join()).to.include('check endpoint');
      await delivery.shutdown({ timeoutMs: 0 });
    });
  });
});
