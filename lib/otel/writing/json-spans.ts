import { maxBytesPerUnit } from '../../model/text.js';
import type { SpanEnding, SpanHead, SpanWriter } from './span-writer.js';

/**
 * Writes spans in OTLP's JSON: ids as hexadecimal digits, 64-bit integers as texts. Each span is converted to bytes when it ends,
 * because many long texts at the same time would burden the garbage collector.
 */
export class JsonSpans implements SpanWriter {
  /** The texts of the spans, with a comma after each. */
  #bytes: Buffer;
  /** The end of each span, including its comma. */
  readonly #ends: number[] = [];
  #text = '';
  #isFirst = true;

  /** @param bytes - an estimate of the final size */
  constructor(bytes: number) {
    this.#bytes = Buffer.allocUnsafeSlow(bytes);
  }

  get count(): number {
    return this.#ends.length;
  }

  /** The spans with numbers from `from` to `to`, with a comma after the last one, too. */
  slice(from: number, to: number): Buffer {
    return this.#bytes.subarray(this.#ends[from - 1] ?? 0, this.#ends[to - 1]);
  }

  begin({ traceId, spanId, parentSpanId, name, kind, startedAt, endedAt }: SpanHead): void {
    const parent = parentSpanId === undefined ? '' : `"parentSpanId":"${parentSpanId}",`;
    this.#text = `{"traceId":"${traceId}","spanId":"${spanId}",${parent}"name":${JSON.stringify(name)},"kind":${kind},"startTimeUnixNano":"${nanos(startedAt)}","endTimeUnixNano":"${nanos(endedAt)}","attributes":[`;
    this.#isFirst = true;
  }

  text(key: string, text: string): void {
    this.#add(key, `"stringValue":${JSON.stringify(text)}`);
  }

  texts(key: string, texts: readonly string[]): void {
    const values = texts.map((text) => `{"stringValue":${JSON.stringify(text)}}`);
    this.#add(key, `"arrayValue":{"values":[${values.join()}]}`);
  }

  integer(key: string, value: number): void {
    this.#add(key, `"intValue":"${value}"`);
  }

  /** NaN and infinities are written as texts, because JSON does not have them. */
  double(key: string, value: number): void {
    this.#add(key, `"doubleValue":${Number.isFinite(value) ? JSON.stringify(value) : `"${value}"`}`);
  }

  boolean(key: string, value: boolean): void {
    this.#add(key, `"boolValue":${value}`);
  }

  end({ code, message, exception, at, flags }: SpanEnding): void {
    let text = `${this.#text}]`;
    const said = JSON.stringify(message);
    if (exception !== undefined && message !== '') {
      text += `,"events":[{"timeUnixNano":"${nanos(at)}","name":"exception","attributes":[{"key":"exception.type","value":{"stringValue":${JSON.stringify(exception)}}},{"key":"exception.message","value":{"stringValue":${said}}}]}]`;
    }
    if (code !== 0) text += `,"status":{"code":${code}${message === '' ? '' : `,"message":${said}`}}`;
    this.#append(`${text},"flags":${flags}},`);
  }

  #append(span: string): void {
    const at = this.#ends.at(-1) ?? 0;
    const needed = at + span.length * maxBytesPerUnit;
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, needed));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    this.#ends.push(at + this.#bytes.write(span, at));
  }

  #add(key: string, value: string): void {
    this.#text += `${this.#isFirst ? '' : ','}{"key":${JSON.stringify(key)},"value":{${value}}}`;
    this.#isFirst = false;
  }
}

/** Microseconds in nanoseconds. */
function nanos(micros: number): string {
  return micros > 0 ? `${micros}000` : '0';
}
