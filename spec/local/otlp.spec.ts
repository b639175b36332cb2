import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { parseId } from '../../lib/common/ids.js';
import { storeOtlpTrace } from '../../lib/local/server/otlp-trace.js';
import { Store } from '../../lib/local/store/store.js';
import { traceValues } from '../../lib/otel/reading/trace-values.js';
import type { ExportRequest, KeyValue, OtlpSpan } from '../../lib/otel/wire/otlp.js';
import { encodeByProtobufjs } from '../otel/otlp-proto.js';
import { otelSpan } from '../otel/spans.js';
import { known, type Running, startRunning } from '../support/local-server.js';

const json = { 'Content-Type': 'application/json' };
const protobuf = { 'Content-Type': 'application/x-protobuf' };

describe('Spans of OpenTelemetry to the local server', () => {
  let running: Running;
  let next = 0;
  before(async () => {
    running = await startRunning({ maxBodyBytes: 100_000 });
  });
  after(() => running[Symbol.asyncDispose]());

  function hex(digits: number): string {
    next += 1;
    return next.toString(16).padStart(digits, 'a');
  }
  const post = (body: unknown, headers: Record<string, string> = json, path = '/v1/traces') =>
    running.call('POST', path, body, headers);

  /** The stored trace as a tree: names with kinds, and what stands below them. */
  async function tree(traceId: string, project = 'weather'): Promise<unknown> {
    const { body } = await stored(traceId, project);
    const below = (parent: string | null): unknown[] =>
      body.spans
        .filter((span: { parent_span_id: string | null }) => span.parent_span_id === parent)
        .map(({ span_id, name, kind }: { span_id: string; name: string; kind: string }) => {
          const children = below(span_id);
          return children.length === 0 ? `${name} ${kind}` : { [`${name} ${kind}`]: children };
        });
    return { [`${body.name} ${body.status}`]: below(null) };
  }

  function stored(traceId: string, project = 'weather') {
    return running.call('GET', `/traces/${traceId}`, undefined, { ...known, 'X-Project-Name': project });
  }

  function agentRun(traceId: string): readonly OtlpSpan[] {
    const [root, chat, http] = [hex(16), hex(16), hex(16)];
    const usage = [attribute('gen_ai.usage.input_tokens', 12), attribute('gen_ai.usage.output_tokens', 3)];
    return [
      span(traceId, root, 'invoke_agent weather', [attribute('gen_ai.operation.name', 'invoke_agent'), ...usage]),
      span(traceId, chat, 'chat gpt-5.4', [attribute('gen_ai.operation.name', 'chat'), ...usage], root),
      span(traceId, http, 'POST', [attribute('http.request.method', 'POST')], chat),
    ];
  }

  const whole = {
    'invoke_agent weather COMPLETED': [{ 'invoke_agent weather AGENT': [{ 'chat gpt-5.4 LLM': ['POST OTHER'] }] }],
  };

  it('shows a trace that comes as JSON, as protobuf, and compressed', async () => {
    const ways = [
      [json, (given: ExportRequest) => JSON.stringify(given)],
      [{ 'Content-Type': 'application/json; charset=utf-8' }, (given: ExportRequest) => JSON.stringify(given)],
      [protobuf, encodeByProtobufjs],
      [{ ...protobuf, 'Content-Encoding': 'gzip' }, (given: ExportRequest) => gzipSync(encodeByProtobufjs(given))],
    ] as const;
    for (const [headers, encode] of ways) {
      const traceId = hex(32);
      const reply = await post(encode(exported(agentRun(traceId))), headers);
      expect([reply.status, reply.text]).to.deep.equal([200, headers['Content-Type'].includes('json') ? '{}' : '']);
      expect(reply.headers.get('content-type')).to.equal(headers['Content-Type'].split(';')[0]);
      expect(await tree(traceId)).to.deep.equal(whole);
      const { body } = await stored(traceId);
      const tokens = body.spans.flatMap((each: { token_usage: object | null }) => each.token_usage ?? []);
      expect(tokens).to.deep.equal([{ prompt_tokens: 12, completion_tokens: 3 }]); // once
    }
  });

  it('puts a trace together from single spans, children before their parents', async () => {
    const traceId = hex(32);
    const run = agentRun(traceId).toReversed();
    for (const [at, each] of run.entries()) {
      expect((await post(exported([each]))).status).to.equal(200);
      const { body } = await stored(traceId);
      expect([body.spans.length, body.status]).to.deep.equal([at + 1, at === 2 ? 'COMPLETED' : 'RUNNING']);
    }
    expect(await tree(traceId)).to.deep.equal(whole);
  });

  it('puts a trace together from parts that come at the same time', async () => {
    const store = await Store.open(':memory:');
    try {
      const project = store.projects.findOrMake('weather');
      const root = otelSpan('agent', { 'gen_ai.operation.name': 'invoke_agent' });
      const parent = { parentId: root.spanId };
      const chat = otelSpan('chat', { 'gen_ai.operation.name': 'chat' }, { ...parent, spanId: '00f067aa0ba902b8' });
      const tool = otelSpan('search', {}, { ...parent, spanId: '00f067aa0ba902b9' });
      // Each asks whether the trace is there before any of them has written it.
      await Promise.all(
        [chat, root, tool].map((part) => {
          const { trace, root: known } = traceValues([part], false);
          return storeOtlpTrace(store, project, trace, known);
        }),
      );
      const found = JSON.parse(store.readTrace(project, String(parseId(root.traceId))) ?? '');
      expect([found.name, found.status, found.spans.length]).to.deep.equal(['agent', 'COMPLETED', 3]);
    } finally {
      store.close();
    }
  });

  it('keeps the name and project of a trace to which another service adds its part', async () => {
    const traceId = hex(32);
    const run = agentRun(traceId);
    await post(exported(run));
    const part = span(traceId, hex(16), 'search', [], run[0]?.spanId);
    await post(exported([{ ...part, flags: 0x301 }], 'searcher'));
    const { body } = await stored(traceId);
    expect([body.name, body.status, body.spans.length]).to.deep.equal(['invoke_agent weather', 'COMPLETED', 4]);
  });

  it('records the service of each span, and keeps its links, as JSON and as protobuf', async () => {
    for (const [headers, encode] of [
      [json, JSON.stringify],
      [protobuf, encodeByProtobufjs],
    ] as const) {
      const traceId = hex(32);
      const [root, inner] = agentRun(traceId) as [OtlpSpan, OtlpSpan];
      const links = [{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), attributes: [attribute('why', 'queued')] }];
      await post(encode(exported([root])), headers);
      await post(encode(exported([{ ...inner, links }], 'searcher')), headers);
      const { body } = await stored(traceId);
      const services = body.spans.map((each: { metadata: object }) => each.metadata);
      expect(services.map((each: Record<string, unknown>) => each['service.name'])).to.have.members([
        'weather',
        'searcher',
      ]);
      const [link] = body.spans.flatMap(
        (each: { metadata: Record<string, unknown> }) => each.metadata['otel.links'] ?? [],
      );
      expect(link).to.deep.include({
        trace_id: 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa',
        attributes: { why: 'queued' },
      });
    }
  });

  it('names the project after the service, unless the sender names one', async () => {
    const [clean, asked, none] = [hex(32), hex(32), hex(32)];
    await post(exported(agentRun(clean), '@acme/chat:api '));
    await post(exported(agentRun(asked)), { ...json, 'X-Project-Name': 'mine' });
    await post({ resourceSpans: [{ scopeSpans: [{ spans: agentRun(none) }] }] });
    const found = [await stored(clean, 'acme-chat-api'), await stored(asked, 'mine'), await stored(none, 'otel')];
    expect(found.map(({ status }) => status)).to.deep.equal([200, 200, 200]);
  });

  it('stores the valid spans of a request, and says how many are invalid', async () => {
    const traceId = hex(32);
    const wrong = [
      span('0'.repeat(32), hex(16), 'nil', []),
      span(traceId, 'xyz', 'no id', []),
      { ...span(traceId, hex(16), 'no time', []), startTimeUnixNano: 'today' },
      { ...span(traceId, hex(16), 'no start', []), startTimeUnixNano: '0' },
    ];
    const given = exported([...agentRun(traceId), ...wrong]);
    const reply = await post(given);
    expect([reply.status, reply.body.partialSuccess.rejectedSpans]).to.deep.equal([200, '4']);
    expect(await tree(traceId)).to.deep.equal(whole);
    const [nil] = wrong;
    expect(reply.body.partialSuccess.errorMessage).to.equal(
      'spans without a valid trace id, span id or time; ids in JSON are hexadecimal digits',
    );
    const { status, text } = await post(encodeByProtobufjs(exported([nil as OtlpSpan])), protobuf);
    expect(status).to.equal(200);
    expect(text).to.include('without a valid trace id');
  });

  it('accepts ids in upper case, numbers as numbers, nulls, and the fields of older senders', async () => {
    const traceId = hex(32);
    const [root] = agentRun(traceId) as [OtlpSpan];
    const older = {
      ...{ ...root, traceId: traceId.toUpperCase(), startTimeUnixNano: 1_700_000_000_000_000_000, parentSpanId: '' },
      attributes: [
        { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } },
        { key: 'gen_ai.usage.input_tokens', value: { intValue: 5 } },
        { key: 'gen_ai.request.temperature', value: { doubleValue: null } },
      ],
      status: { code: 'STATUS_CODE_ERROR', message: 'no quota' },
      events: null,
    };
    const scopes = [{ instrumentationLibrary: { name: 'old' }, spans: [older] }];
    const reply = await post({ resourceSpans: [{ instrumentationLibrarySpans: scopes }] });
    expect([reply.status, reply.text]).to.deep.equal([200, '{}']);
    const { body } = await stored(traceId, 'otel');
    expect(body.spans[0]).to.deep.include({ status: 'ERROR', error: 'no quota', token_usage: { prompt_tokens: 5 } });
  });

  it('tells a sender with other field names that nothing arrived', async () => {
    const { status, body } = await post({ resource_spans: [{ scope_spans: [] }] });
    expect([status, body.partialSuccess]).to.deep.equal([
      200,
      {
        rejectedSpans: '0',
        errorMessage: 'there is no field resourceSpans in it; names in JSON are in lowerCamelCase',
      },
    ]);
    expect((await post({})).text).to.equal('{}');
  });

  it('accepts a body in chunks', async () => {
    const traceId = hex(32);
    const status = await new Promise((resolve, reject) => {
      const sent = request(`${running.server.url}/v1/traces`, { method: 'POST', headers: json }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject);
      const text = JSON.stringify(exported(agentRun(traceId)));
      sent.write(text.slice(0, 100));
      sent.end(text.slice(100));
    });
    expect(status).to.equal(200);
    expect(await tree(traceId)).to.deep.equal(whole);
  });

  it('refuses an invalid request, in the encoding of the request', async () => {
    const deep = ['{"arrayValue":{"values":['.repeat(150), ']}}'.repeat(150)].join('{}');
    const nested = JSON.stringify(exported([span(hex(32), hex(16), 'deep', [])])).replace(
      '"attributes":[]',
      `"attributes":[{"key":"a","value":${deep}}]`,
    );
    const bad: readonly (readonly [unknown, Record<string, string>, number])[] = [
      ['{"resourceSpans":', json, 400],
      ['{"resourceSpans":{}}', json, 400],
      ['[]', json, 400],
      [nested, json, 400],
      [Buffer.from([10, 200]), protobuf, 400],
      ['no gzip', { ...json, 'Content-Encoding': 'gzip' }, 400],
      ['{}', { ...json, 'Content-Encoding': 'br' }, 415],
      ['{}', { 'Content-Type': 'text/plain' }, 415],
      [gzipSync(Buffer.alloc(200_000)), { ...protobuf, 'Content-Encoding': 'gzip' }, 413],
      [JSON.stringify({ a: 'x'.repeat(200_000) }), json, 413],
    ];
    for (const [body, headers, status] of bad) {
      const reply = await post(body, headers);
      expect(reply.status, String(body).slice(0, 40)).to.equal(status);
      if (headers === json) expect(reply.body).to.have.keys(['code', 'message']);
    }
    expect((await running.call('GET', '/v1/traces')).status).to.equal(405);
  });

  it('answers logs and metrics, so that their exporters log no errors', async () => {
    for (const path of ['/v1/logs', '/v1/metrics']) {
      const reply = await post({}, json, path);
      expect([reply.status, reply.text]).to.deep.equal([200, '{}']);
    }
  });

  it('stores a trace of more spans than a call of the backend takes', async () => {
    const traceId = hex(32);
    const [root] = agentRun(traceId) as [OtlpSpan];
    const many = Array.from({ length: 1200 }, () => span(traceId, hex(16), 's', [], root.spanId));
    const body = gzipSync(encodeByProtobufjs(exported([root, ...many])));
    await using large = await startRunning();
    const reply = await large.call('POST', '/v1/traces', body, { ...protobuf, 'Content-Encoding': 'gzip' });
    expect(reply.status).to.equal(200);
    const found = await large.call('GET', `/traces/${traceId}`, undefined, { ...known, 'X-Project-Name': 'weather' });
    expect(found.body.spans).to.have.length(1201);
  });

  it('requires the key if the server has one', async () => {
    await using locked = await startRunning({ key: 'right' });
    const send = (headers: object) => locked.call('POST', '/v1/traces', {}, { ...json, ...headers });
    expect((await send({})).status).to.equal(401);
    expect((await send({ 'X-API-Key': 'right' })).status).to.equal(200);
  });
});

function attribute(key: string, value: string | number): KeyValue {
  return { key, value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value } };
}

function span(
  traceId: string,
  spanId: string,
  name: string,
  attributes: readonly KeyValue[],
  parentSpanId?: string,
): OtlpSpan {
  const times = { startTimeUnixNano: '1700000000000000000', endTimeUnixNano: '1700000001000000000' };
  return { ...{ traceId, spanId, name, kind: 1, ...times, attributes }, ...(parentSpanId && { parentSpanId }) };
}

function exported(spans: readonly OtlpSpan[], service = 'weather'): ExportRequest {
  const resource = { attributes: [attribute('service.name', service)] };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'spec' }, spans }] }] };
}
