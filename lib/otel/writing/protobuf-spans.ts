import { ProtobufWriter } from '../wire/protobuf-writer.js';
import type { SpanEnding, SpanHead, SpanWriter } from './span-writer.js';

/*
 * The field numbers of each message. Source: OpenTelemetry specification, opentelemetry-proto 1.x, *trace.proto* and *common.proto*.
 */
const ofScopeSpans = { spans: 2 } as const;
const ofSpan = {
  ...({ traceId: 1, spanId: 2, parentSpanId: 4, name: 5, kind: 6, startTime: 7, endTime: 8 } as const),
  ...({ attributes: 9, events: 11, status: 15, flags: 16 } as const),
} as const;
const ofEvent = { time: 1, name: 2, attributes: 3 } as const;
const ofStatus = { message: 2, code: 3 } as const;
const ofKeyValue = { value: 2 } as const;
const ofAnyValue = { string: 1, boolean: 2, integer: 3, double: 4, array: 5 } as const;
const ofArray = { values: 1 } as const;

/** Most spans take 128 bytes to 16 KiB. */
const spanLengthBytes = 2;

/** Writes spans in protobuf, one after the other, as fields of the message of their scope. */
export class ProtobufSpans implements SpanWriter {
  /** The end of each span in the written bytes. */
  readonly #ends: number[] = [];
  readonly #out: ProtobufWriter;
  #start = 0;

  /** @param bytes - an estimate of the final size */
  constructor(bytes: number) {
    this.#out = new ProtobufWriter(bytes);
  }

  get count(): number {
    return this.#ends.length;
  }

  /** The spans with numbers from `from` to `to`. */
  slice(from: number, to: number): Buffer {
    return this.#out.slice(this.#ends[from - 1], this.#ends[to - 1]);
  }

  begin({ traceId, spanId, parentSpanId, name, kind, startedAt, endedAt }: SpanHead): void {
    const out = this.#out;
    out.truncate(this.#ends.at(-1) ?? 0);
    this.#start = out.open(ofScopeSpans.spans, spanLengthBytes);
    out.hex(ofSpan.traceId, traceId);
    out.hex(ofSpan.spanId, spanId);
    if (parentSpanId !== undefined) out.hex(ofSpan.parentSpanId, parentSpanId);
    if (name !== '') out.text(ofSpan.name, name);
    out.uint(ofSpan.kind, kind);
    if (startedAt > 0) out.nanos(ofSpan.startTime, startedAt);
    if (endedAt > 0) out.nanos(ofSpan.endTime, endedAt);
  }

  text(key: string, text: string): void {
    this.#out.textAttribute(ofSpan.attributes, key, text);
  }

  texts(key: string, texts: readonly string[]): void {
    const out = this.#out;
    this.#attribute(key, () => {
      const list = out.open(ofAnyValue.array, 1);
      for (const text of texts) {
        const value = out.open(ofArray.values, 1);
        out.text(ofAnyValue.string, text);
        out.close(value, 1);
      }
      out.close(list, 1);
    });
  }

  integer(key: string, value: number): void {
    this.#attribute(key, () => this.#out.int64(ofAnyValue.integer, value));
  }

  double(key: string, value: number): void {
    this.#attribute(key, () => this.#out.double(ofAnyValue.double, value));
  }

  boolean(key: string, value: boolean): void {
    this.#attribute(key, () => this.#out.uint(ofAnyValue.boolean, value ? 1 : 0));
  }

  end({ code, message, exception, at, flags }: SpanEnding): void {
    const out = this.#out;
    if (exception !== undefined && message !== '') {
      const event = out.open(ofSpan.events, 1);
      if (at > 0) out.nanos(ofEvent.time, at);
      out.text(ofEvent.name, 'exception');
      out.textAttribute(ofEvent.attributes, 'exception.type', exception);
      out.textAttribute(ofEvent.attributes, 'exception.message', message);
      out.close(event, 1);
    }
    if (code !== 0) {
      const status = out.open(ofSpan.status, 1);
      if (message !== '') out.text(ofStatus.message, message);
      out.uint(ofStatus.code, code);
      out.close(status, 1);
    }
    out.fixed32(ofSpan.flags, flags);
    out.close(this.#start, spanLengthBytes);
    this.#ends.push(out.length);
  }

  #attribute(key: string, writeValue: () => void): void {
    const out = this.#out;
    const attribute = out.openAttribute(ofSpan.attributes, key);
    const value = out.open(ofKeyValue.value, 1);
    writeValue();
    out.close(value, 1);
    out.close(attribute, 1);
  }
}
