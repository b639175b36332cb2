import { expect } from 'chai';
import { encodedSpans, type Part } from '../../../lib/delivery/otlp/export-request.js';
import { writeBody } from '../../../lib/delivery/otlp/write-body.js';
import { encodeTrace } from '../../../lib/delivery/pandaprobe/encoder.js';
import type { OtlpSettings } from '../../../lib/delivery/wire/otlp-settings.js';
import { captureFolded } from '../../../lib/model/capture.js';
import type { CapturedTrace } from '../../../lib/model/records.js';
import { readRequest } from '../../../lib/otel/reading/read-request.js';
import { decodeProtobuf } from '../../../lib/otel/wire/decode-protobuf.js';
import { TraceIds } from '../../../lib/otel/writing/trace-ids.js';
import { chainOf, json, spanRecord, traceRecord } from '../../support/delivery.js';

const settings: OtlpSettings = {
  ...{ encoding: 'protobuf', compression: 'none', headers: {}, resource: {}, captureContent: true },
};
const capture = (value: unknown, maxBytes = 1_000_000) => captureFolded(value, { maxBytes });

function bodyOf(record: CapturedTrace): Buffer {
  return Buffer.from(encodeTrace(record, { maxSpans: 500, maxBytes: 4_000_000 })[0] ?? '');
}

/** The attributes of each span of one trace, as a receiver has them. */
function attributesOf(record: CapturedTrace) {
  const spans = encodedSpans(settings, 16);
  const written = writeBody(bodyOf(record), new TraceIds(record.traceId), {}, settings, spans.writer);
  const parts = Array.from({ length: written.spans }, (_, span): Part => ({ span, labels: {}, job: 0, body: 0 }));
  return readRequest(decodeProtobuf(spans.request(parts))).spans.map(({ attributes }) => ({ ...attributes }));
}

/** What a value becomes as the output of a step. */
const outputs = (value: unknown) =>
  attributesOf({ ...traceRecord(), spans: [{ ...spanRecord(), output: capture(value) }] })[1];

describe('writeBody()', () => {
  it('sends a text unchanged, unless a reader could take it for JSON: then as JSON text', () => {
    const long = 'He said "yes",\nand we booked the room in Zürich \u{1f600}. '.repeat(3);
    for (const plain of ['done', 'x', 'Infinity', 'nothing', long]) {
      expect(outputs(plain)).to.include({ 'pandaprobe.output': plain });
    }
    for (const like of [
      '',
      '7',
      '-1',
      'null',
      'true story',
      '{"a":1}',
      '[1] see there',
      '"quoted"',
      ' 7',
      `[${long}`,
    ]) {
      expect(outputs(like)).to.include({ 'pandaprobe.output': JSON.stringify(like) });
    }
    expect(outputs([long, 7])).to.include({ 'pandaprobe.output': JSON.stringify([long, 7]) });
  });

  it('sends messages in the form of the conventions, whether they are only texts or more', () => {
    const long = 'Was gibt’s "Neues"? '.repeat(5);
    const messages = [
      { role: 'system', content: 'short' },
      { role: 'user', content: long },
    ];
    const call = { id: 'c', type: 'function', function: { name: 'find', arguments: '{"q":1}' } };
    const input = capture({ messages: [...messages, { role: 'assistant', content: null, tool_calls: [call] }] });
    const [, first, second] = attributesOf({
      ...traceRecord(),
      spans: [
        { ...spanRecord(), input: capture({ messages }), output: capture({ messages: messages.slice(1) }) },
        { ...spanRecord(), input },
      ],
    });
    const text = (role: string, content: string) => ({ role, parts: [{ type: 'text', content }] });
    const texts = [text('system', 'short'), text('user', long)];
    expect(JSON.parse(String(first?.['gen_ai.input.messages']))).to.deep.equal(texts);
    expect(JSON.parse(String(first?.['gen_ai.output.messages']))).to.deep.equal([
      { ...text('user', long), finish_reason: 'stop' },
    ]);
    expect(JSON.parse(String(second?.['gen_ai.input.messages']))).to.deep.equal([
      ...texts,
      { role: 'assistant', parts: [{ type: 'tool_call', id: 'c', name: 'find', arguments: { q: 1 } }] },
    ]);
  });

  it('treats a value as messages only if it consists of valid messages', () => {
    const message = { role: 'user', content: 'hi' };
    for (const value of [
      { messages: [message], more: 1 },
      { messages: [] },
      { messages: [{ ...message, role: 7 }] },
      { messages: [{ content: 'hi' }] },
      { messages: [{ role: 'user', parts: [] }] },
    ]) {
      expect(outputs(value)).to.include({ 'pandaprobe.output': JSON.stringify(value) });
    }
  });

  it('cuts a value that is too large only when it is quoted', () => {
    const output = String(outputs('fits')?.['pandaprobe.output']);
    expect(output).to.equal('fits');
    const bound = capture({ text: '"'.repeat(900) }, 1024);
    const [, span] = attributesOf({ ...traceRecord(), spans: [{ ...spanRecord(), output: bound }] });
    expect(Buffer.byteLength(String(span?.['pandaprobe.output']))).to.be.within(500, 1024);
    expect(JSON.parse(String(span?.['pandaprobe.output'])).text).to.include('[cut: 900 bytes]');
  });

  it('writes the kind of a span and the status of a trace only if other attributes do not say it', () => {
    const [trace, call, other] = attributesOf(
      traceRecord({ spans: [spanRecord({ kind: 'LLM' }), spanRecord({ kind: 'OTHER' })] }),
    );
    expect(trace).to.deep.equal({ 'gen_ai.operation.name': 'invoke_workflow', 'gen_ai.workflow.name': 'T' });
    expect(call).to.have.all.keys('gen_ai.operation.name', 'pandaprobe.span.id');
    expect(other).to.include({ 'pandaprobe.span.kind': 'OTHER' });
    const [running] = attributesOf(traceRecord({ status: 'RUNNING', endedAt: undefined }));
    expect(running).to.include({ 'pandaprobe.trace.status': 'RUNNING', 'pandaprobe.span.open': true });
  });

  it('writes no invalid span for a body that is cut at any place', () => {
    const record = traceRecord({ input: json({ a: ['"\\', 1, { b: null }] }), tags: ['x'], spans: chainOf(2) });
    const ids = new TraceIds(record.traceId);
    const whole = bodyOf(record);
    const spans = encodedSpans(settings, 16);
    for (let end = 0; end < whole.length; end += 1) {
      expect(() => writeBody(whole.subarray(0, end), ids, {}, settings, spans.writer)).to.throw();
    }
    const first = spans.writer.count;
    const { spans: count } = writeBody(whole, ids, {}, settings, spans.writer);
    expect(count).to.equal(3);
    const parts = [0, 1, 2].map((at): Part => ({ span: first + at, labels: {}, job: 0, body: 0 }));
    const { spans: read, rejected } = readRequest(decodeProtobuf(spans.request(parts)));
    expect([read.map(({ name }) => name), rejected]).to.deep.equal([['T', 's0', 's1'], 0]);
  });
});
