import { expect } from 'chai';
import { readOtlp } from '../../../lib/config/otlp.js';
import type { DeliveryOptions } from '../../../lib/delivery/delivery.js';
import type { OtlpSettings } from '../../../lib/delivery/wire/otlp-settings.js';
import { traceValues } from '../../../lib/otel/reading/trace-values.js';
import { encodeAnswer } from '../../../lib/otel/wire/encode-answer.js';
import {
  chainOf,
  json,
  lateSpansRecord,
  scoreRecord,
  spanRecord,
  startDelivery,
  traceRecord,
} from '../../support/delivery.js';
import { type OtlpReceiver, startOtlpReceiver } from '../../support/otlp-receiver.js';

function start(receiver: OtlpReceiver, otlp: Partial<OtlpSettings> = {}, more: Partial<DeliveryOptions> = {}) {
  return startDelivery(receiver.url, {
    otlp: { encoding: 'protobuf', compression: 'gzip', headers: {}, resource: {}, captureContent: true, ...otlp },
    ...{ apiKey: '', projectName: '', ...more },
  });
}

describe('Delivery over OTLP', () => {
  for (const encoding of ['protobuf', 'json'] as const) {
    for (const compression of ['gzip', 'none'] as const) {
      it(`sends a trace that reads back as it was, as ${encoding} with ${compression}`, async () => {
        await using receiver = await startOtlpReceiver();
        const { delivery } = start(receiver, {
          ...{ encoding, compression, headers: { authorization: 'Bearer canary-token' } },
          resource: { 'service.name': 'shop' },
        });
        const root = spanRecord({ kind: 'AGENT', input: json({ question: 'wie geht’s?' }), output: json('gut') });
        const call = spanRecord({
          ...{ parentSpanId: root.spanId, kind: 'LLM', model: 'gpt-5', tokenUsage: json({ prompt_tokens: 7 }) },
          ...{ input: json({ messages: [{ role: 'user', content: 'hi' }] }), cost: json({ total: 0.5 }) },
        });
        const record = traceRecord({
          ...{ spans: [root, call], sessionId: 's1', userId: 'u1', tags: ['a'], input: json([1]), environment: 'prod' },
        });
        delivery.trace(record);
        const result = await delivery.flush();
        expect(result).to.deep.equal({ ok: true, delivered: 1, failed: 0, pending: 0, dropped: 0 });

        const [one] = receiver.exports;
        expect(one?.path).to.equal('/v1/traces');
        expect(one?.headers).to.include({
          ...{ authorization: 'Bearer canary-token', 'user-agent': 'pandaprobe-ts/spec' },
          'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
        });
        expect(one?.headers['content-encoding']).to.equal(compression === 'gzip' ? 'gzip' : undefined);
        expect(receiver.spans[0]?.resource).to.include({
          ...{ 'service.name': 'shop', 'deployment.environment.name': 'prod' },
        });
        const { trace } = traceValues(receiver.spans, true);
        expect(trace).to.deep.include({
          ...{ traceId: record.traceId, name: 'T', status: 'COMPLETED', sessionId: 's1', userId: 'u1', tags: ['a'] },
          ...{ environment: 'prod', input: [1], startedAt: record.startedAt, endedAt: record.endedAt },
        });
        expect(trace.spans[0]).to.deep.include({
          ...{ spanId: root.spanId, kind: 'AGENT', input: { question: 'wie geht’s?' }, output: 'gut' },
          ...{ startedAt: root.startedAt, endedAt: root.endedAt },
        });
        expect(trace.spans[1]).to.deep.include({
          ...{ spanId: call.spanId, parentSpanId: root.spanId, kind: 'LLM', model: 'gpt-5' },
          ...{ tokenUsage: { prompt_tokens: 7 }, cost: { total: 0.5 } },
          input: { messages: [{ role: 'user', content: 'hi' }] },
        });
        await delivery.shutdown();
      });
    }
  }

  it('sends to the address of traces as it is given, and adds the path to the one of all signals', async () => {
    await using receiver = await startOtlpReceiver();
    const base = receiver.url.replace('/v1/traces', '');
    const addresses: readonly (readonly [Record<string, string>, path: string])[] = [
      [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${base}/in/` }, '/in/'],
      [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${base}/` }, '/'],
      [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: base }, '/'],
      [{ OTEL_EXPORTER_OTLP_ENDPOINT: `${base}/in/` }, '/in/v1/traces'],
    ];
    for (const [variables] of addresses) {
      const { delivery } = start(receiver, {}, { endpoint: readOtlp({}, variables).otlp.endpoint });
      delivery.trace(traceRecord());
      expect(await delivery.shutdown()).to.include({ ok: true });
    }
    expect(receiver.exports.map(({ path }) => path)).to.deep.equal(addresses.map(([, path]) => path));
  });

  it('sends many traces in a few requests, each trace once', async () => {
    await using receiver = await startOtlpReceiver();
    const { delivery } = start(receiver);
    for (let i = 0; i < 1000; i += 1) delivery.trace(traceRecord({ spans: chainOf(2) }));
    expect(await delivery.shutdown()).to.deep.include({ ok: true, delivered: 1000 });
    expect(receiver.spans).to.have.length(3000);
    expect(new Set(receiver.spans.map(({ spanId }) => spanId)).size).to.equal(3000);
    expect(receiver.exports.length).to.be.at.most(60);
  });

  it('sends a trace of 5,000 spans, and late spans below it', async () => {
    await using receiver = await startOtlpReceiver();
    const { delivery } = start(receiver);
    const spans = chainOf(5000);
    const record = traceRecord({ spans, sessionId: 's1' });
    delivery.trace(record);
    delivery.lateSpans(lateSpansRecord(record.traceId, spanRecord({ parentSpanId: spans[0]?.spanId })));
    expect(await delivery.shutdown()).to.deep.include({ ok: true, delivered: 2 });
    expect(receiver.spans).to.have.length(5002);
    expect(receiver.exports.length).to.be.at.most(3);
    const { trace } = traceValues(receiver.spans, true);
    expect(trace.spans.filter(({ parentSpanId }) => parentSpanId === undefined)).to.have.length(1);
  });

  for (const encoding of ['protobuf', 'json'] as const) {
    it(`sends the release and environment of each trace in a request, as ${encoding}`, async () => {
      await using receiver = await startOtlpReceiver();
      const { delivery } = start(receiver, { encoding, resource: { 'service.name': 'shop' } });
      const releases = ['1', '2', '1', undefined, '2'];
      for (const [at, release] of releases.entries()) {
        delivery.trace(
          traceRecord({ name: `t${at}`, release, environment: 'prod', spans: [spanRecord({ name: `s${at}` })] }),
        );
      }
      await delivery.shutdown();
      const said = receiver.spans.map(({ name, resource }) => `${name} ${resource['service.version']}`);
      const expected = releases.flatMap((release, at) => [`t${at} ${release}`, `s${at} ${release}`]);
      expect(said).to.have.members(expected);
      expect(receiver.spans.every(({ resource }) => resource['service.name'] === 'shop')).to.equal(true);
    });
  }

  it('leaves out inputs and outputs if captureContent is false', async () => {
    await using receiver = await startOtlpReceiver();
    const { delivery } = start(receiver, { captureContent: false });
    const secret = json('canary content');
    delivery.trace(traceRecord({ input: secret, spans: [spanRecord({ input: secret, output: secret })] }));
    await delivery.shutdown();
    expect(receiver.spans).to.have.length(2);
    expect(JSON.stringify(receiver.spans)).not.to.include('canary');
  });

  it('drops scores, counts them and says so once', async () => {
    await using receiver = await startOtlpReceiver();
    const { delivery, lines } = start(receiver);
    const record = traceRecord();
    delivery.trace(record);
    for (let i = 0; i < 3; i += 1) delivery.score(scoreRecord(record.traceId));
    await delivery.shutdown();
    expect(delivery.stats()).to.deep.include({
      created: 4,
      delivered: 1,
      pending: 0,
      droppedByReason: { no_scores: 3 },
    });
    expect(lines.filter((line) => line.includes('scores'))).to.have.length(1);
  });

  describe('when the receiver does not take all', () => {
    const words: Readonly<Record<string, string | Buffer>> = {
      'application/json': '{"message":"bad span"}',
      'application/x-protobuf': Buffer.concat([Buffer.from([0x12, 8]), Buffer.from('bad span')]),
      'text/plain; charset=utf-8': 'bad span',
      '': '',
    };
    for (const [type, body] of Object.entries(words)) {
      it(`halves a request that is answered 400 with ${type || 'nothing'}, so that only the refused span is lost`, async () => {
        await using receiver = await startOtlpReceiver();
        receiver.answer = ({ spans }) =>
          spans.some(({ name }) => name === 'poison')
            ? { status: 400, headers: type === '' ? {} : { 'Content-Type': type }, body }
            : undefined;
        const { delivery, losses } = start(receiver);
        for (let i = 0; i < 60; i += 1) {
          const name = i === 20 ? 'poison' : `t${i}`;
          delivery.trace(traceRecord({ name, spans: i === 40 ? [spanRecord({ name: 'poison' }), spanRecord()] : [] }));
        }
        await delivery.shutdown();
        const names = receiver.spans.map(({ name }) => name);
        expect(names).to.have.length(60); // 59 traces, and the other span of the one that has a bad one
        expect(new Set(names).size).to.equal(60);
        expect(names).not.to.include('poison');
        expect(losses).to.have.length(1);
        expect(delivery.stats()).to.include({ created: 60, delivered: 59, failed: 1, pending: 0 });
      });
    }

    it('keeps items that a login page or a proxy refuses', async () => {
      await using receiver = await startOtlpReceiver();
      const page = { status: 400, headers: { 'Content-Type': 'text/html' }, body: '<html>Bad Request</html>' };
      receiver.answer = (_, index) => (index < 2 ? page : undefined);
      const { delivery, losses } = start(receiver);
      delivery.trace(traceRecord());
      expect(await delivery.flush({ timeoutMs: 10_000 })).to.include({ ok: true, delivered: 1 });
      expect(losses).to.deep.equal([]);
      await delivery.shutdown();
    });

    it('P33 advises to check the headers if the receiver refuses them', async () => {
      await using receiver = await startOtlpReceiver();
      receiver.answer = () => ({ status: 401 });
      const { delivery, lines } = start(receiver);
      delivery.trace(traceRecord());
      await delivery.shutdown({ timeoutMs: 300 });
      expect(lines.join()).to.include('check headers').and.not.include('apiKey');
    });

    it('halves a request that is answered 413, and sends no larger ones afterwards', async () => {
      await using receiver = await startOtlpReceiver();
      const refused: number[] = [];
      receiver.answer = ({ inflatedBytes }) => {
        if (inflatedBytes <= 100_000) return undefined;
        refused.push(inflatedBytes);
        return { status: 413 };
      };
      const { delivery } = start(receiver);
      const input = json('x'.repeat(20_000));
      const record = () => {
        for (let i = 0; i < 30; i += 1) delivery.trace(traceRecord({ spans: [spanRecord({ input })] }));
      };
      record();
      expect(await delivery.flush()).to.deep.include({ ok: true, delivered: 30 });
      const least = Math.min(...refused.splice(0));
      record();
      expect(await delivery.shutdown()).to.deep.include({ ok: true, delivered: 60 });
      for (const bytes of refused) expect(bytes).to.be.below(least);
      expect(new Set(receiver.spans.map(({ spanId }) => spanId)).size).to.equal(120);
      expect(receiver.spans).to.have.length(120);
    });

    for (const encoding of ['protobuf', 'json'] as const) {
      it(`logs how many spans were rejected, in ${encoding}`, async () => {
        await using receiver = await startOtlpReceiver();
        const body =
          encoding === 'protobuf'
            ? encodeAnswer.partialSuccess(2, 'too old')
            : JSON.stringify({ partialSuccess: { rejectedSpans: '2', errorMessage: 'too old' } });
        receiver.answer = () => ({ body });
        const { delivery, lines } = start(receiver, { encoding });
        delivery.trace(traceRecord({ spans: chainOf(3) }));
        expect(await delivery.shutdown()).to.include({ delivered: 1, failed: 0 });
        expect(lines.join('\n')).to.include('rejected 2 of 4 spans').and.include('too old');
      });
    }

    for (const [encoding, body] of [
      ['protobuf', Buffer.concat([Buffer.from([0x0a, 9, 0x12, 7]), Buffer.from('be kind')])],
      ['json', '{"partialSuccess":{"errorMessage":"be kind"}}'],
    ] as const) {
      it(`logs a warning of the receiver once for each request, in ${encoding}`, async () => {
        await using receiver = await startOtlpReceiver();
        receiver.answer = () => ({ body });
        const { delivery, lines } = start(receiver, { encoding });
        for (let i = 0; i < 3; i += 1) delivery.trace(traceRecord());
        expect(await delivery.shutdown()).to.include({ ok: true, delivered: 3 });
        expect(lines.filter((line) => line.includes('be kind'))).to.have.length(receiver.exports.length);
      });
    }

    for (const count of ['-5', '{}', 'null', '"x"', '0.0']) {
      it(`ignores an impossible number of rejected spans: ${count}`, async () => {
        await using receiver = await startOtlpReceiver();
        receiver.answer = () => ({ body: `{"partialSuccess":{"rejectedSpans":${count}}}` });
        const { delivery, lines } = start(receiver, { encoding: 'json' });
        delivery.trace(traceRecord());
        expect(await delivery.shutdown()).to.include({ ok: true, delivered: 1, failed: 0 });
        expect(lines.filter((line) => !line.includes('debug'))).to.deep.equal([]);
      });
    }

    it('logs the refused spans of a trace even if the rest has to be sent again', async () => {
      await using receiver = await startOtlpReceiver();
      const { delivery, lines } = start(receiver);
      let faults = 1;
      receiver.answer = ({ spans }) => {
        const ofFirstBody = spans.filter(({ name }) => Number(name.slice(1)) < 500).length;
        if (spans.some(({ name }) => name === 's7')) return { status: 400 };
        if (ofFirstBody > 0 && ofFirstBody < spans.length) return { status: 400 }; // of both bodies
        return ofFirstBody === 0 && spans.length > 1 && faults-- > 0 ? { status: 503 } : undefined;
      };
      delivery.trace(traceRecord({ name: 's0', spans: chainOf(600) }));
      expect(await delivery.shutdown()).to.include({ ok: true, delivered: 1 });
      expect(new Set(receiver.spans.map(({ spanId }) => spanId)).size).to.equal(600);
      expect(delivery.stats()).to.include({ repaired: 1 });
      expect(lines.filter((line) => line.includes('1 span refused: HTTP 400'))).to.have.length(1);
    });

    it('counts a trace as failed whose spans were all rejected', async () => {
      await using receiver = await startOtlpReceiver();
      receiver.answer = () => ({ body: encodeAnswer.partialSuccess(4, 'no such tenant') });
      const { delivery, losses } = start(receiver);
      delivery.trace(traceRecord({ spans: chainOf(3) }));
      expect(await delivery.shutdown()).to.include({ delivered: 0, failed: 1 });
      expect(losses[0]?.message).to.include('no such tenant');
    });
  });

  describe('when the receiver is down', () => {
    for (const [name, answer] of Object.entries({
      'answers 503': { status: 503 },
      'cuts connections': 'cut',
    } as const)) {
      it(`keeps all traces, and sends each once when the receiver is back, after it ${name}`, async () => {
        await using receiver = await startOtlpReceiver();
        receiver.answer = (_, index) => (index < 5 ? answer : undefined);
        const { delivery } = start(receiver);
        for (let i = 0; i < 200; i += 1) delivery.trace(traceRecord());
        expect(await delivery.shutdown()).to.deep.include({ ok: true, delivered: 200, failed: 0 });
        expect(receiver.spans).to.have.length(200);
        expect(new Set(receiver.spans.map(({ traceId }) => traceId)).size).to.equal(200);
      });
    }

    it('waits until the date that Retry-After says', async () => {
      await using receiver = await startOtlpReceiver();
      let until = 0;
      let second = 0;
      receiver.answer = (_, index) => {
        if (index === 1) second = Date.now();
        if (index > 0) return undefined;
        until = Math.ceil(Date.now() / 1000) * 1000 + 1000; // a date has whole seconds
        return { status: 429, headers: { 'Retry-After': new Date(until).toUTCString() } };
      };
      const { delivery } = start(receiver);
      delivery.trace(traceRecord());
      expect(await delivery.shutdown()).to.include({ delivered: 1 });
      expect(second).to.be.at.least(until - 50); // two clocks are read
    });

    it('waits as long as Retry-After says', async () => {
      await using receiver = await startOtlpReceiver();
      const at: number[] = [];
      receiver.answer = (_, index) => {
        at.push(performance.now());
        return index === 0 ? { status: 429, headers: { 'Retry-After': '1' } } : undefined;
      };
      const { delivery } = start(receiver);
      delivery.trace(traceRecord());
      expect(await delivery.shutdown()).to.include({ delivered: 1 });
      expect((at[1] ?? 0) - (at[0] ?? 0)).to.be.at.least(990);
    });

    it('keeps items while the receiver refuses the key, and never shows the key', async () => {
      await using receiver = await startOtlpReceiver();
      receiver.answer = ({ headers }, index) =>
        index < 2 ? { status: 401, body: `no entry for ${headers['x-key']}` } : undefined;
      const { delivery, lines } = start(
        receiver,
        { headers: { 'x-key': 'canary-4f1d9a77' } },
        { apiKey: 'canary-4f1d9a77' },
      );
      delivery.trace(traceRecord());
      expect(await delivery.shutdown()).to.include({ delivered: 1 });
      expect(lines.join('\n')).to.include('401').and.not.include('4f1d9a77');
    });
  });

  it('sends from a thread', async () => {
    await using receiver = await startOtlpReceiver();
    const { delivery, lines } = start(receiver, {}, { worker: 'thread' });
    for (let i = 0; i < 50; i += 1) delivery.trace(traceRecord({ spans: chainOf(3) }));
    expect(await delivery.shutdown()).to.deep.include({ ok: true, delivered: 50 });
    expect(receiver.spans).to.have.length(200);
    expect(lines.filter((line) => !line.includes('debug'))).to.deep.equal([]);
  });
});
