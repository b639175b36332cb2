import type { TraceLabels } from '../../otel/values.js';
import { encodeProtobuf, encodeSpan, type PartlyEncoded } from '../../otel/wire/encode-protobuf.js';
import type { KeyValue, OtlpSpan } from '../../otel/wire/otlp.js';
import { ProtobufWriter } from '../../otel/wire/protobuf-writer.js';
import { scope } from '../../otel/writing/trace-spans.js';
import type { OtlpSettings } from '../wire/otlp-settings.js';
import { canGzip, gzip } from './gzip.js';

/** A span on its way, and where it comes from. */
export interface Part {
  /** As `spanEncoder` has made it. */
  readonly encoded: Buffer | string;
  readonly labels: TraceLabels;
  /** The job's place among those of the request, and the body's in the job. */
  readonly job: number;
  readonly body: number;
}

/** Encodes spans one by one: thousands of them as objects until the last one is there would keep the collector busy. */
export function spanEncoder({ encoding }: OtlpSettings): (span: OtlpSpan) => Buffer | string {
  if (encoding === 'json') return (span) => JSON.stringify(span);
  const writer = new ProtobufWriter();
  return (span) => encodeSpan(span, writer);
}

/** Spans as the body of `POST /v1/traces`. Traces that say the same of their program share its resource. */
export function exportRequest(parts: readonly Part[], settings: OtlpSettings): Buffer {
  const groups = new Map<string, { readonly labels: TraceLabels; readonly spans: (Buffer | string)[] }>();
  let last: TraceLabels | undefined;
  let spans: (Buffer | string)[] = [];
  for (const { encoded, labels } of parts) {
    if (labels !== last) {
      const key = JSON.stringify([labels.environment, labels.release]);
      const group = groups.get(key) ?? { labels, spans: [] };
      groups.set(key, group);
      ({ spans } = group);
      last = labels;
    }
    spans.push(encoded);
  }
  const resourceSpans = [...groups.values()].map((group) => ({
    resource: { attributes: resource(settings, group.labels) },
    scopeSpans: [{ scope, spans: group.spans }],
  }));
  if (settings.encoding !== 'json') return encodeProtobuf({ resourceSpans } as PartlyEncoded); // spanEncoder has made bytes
  const texts = resourceSpans.map(
    ({ resource, scopeSpans: [{ spans } = { spans: [] }] }) =>
      `{"resource":${JSON.stringify(resource)},"scopeSpans":[{"scope":${JSON.stringify(scope)},"spans":[${spans.join()}]}]}`,
  );
  return Buffer.from(`{"resourceSpans":[${texts.join()}]}`);
}

function resource(settings: OtlpSettings, { environment, release }: TraceLabels): KeyValue[] {
  const all: Record<string, string> = {
    ...settings.resource,
    ...(environment === undefined ? {} : { 'deployment.environment.name': environment }),
    ...(release === undefined ? {} : { 'service.version': release }),
  };
  return Object.entries(all).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

/** Headers that say what a body is. */
export function headersOfBody(settings: OtlpSettings): Readonly<Record<string, string>> {
  return {
    'Content-Type': settings.encoding === 'json' ? 'application/json' : 'application/x-protobuf',
    ...(isCompressed(settings) ? { 'Content-Encoding': 'gzip' } : {}),
  };
}

/** The bytes as they travel. */
export function compressed(body: Buffer, settings: OtlpSettings): Promise<Buffer> | Buffer {
  return isCompressed(settings) ? gzip(body) : body;
}

function isCompressed({ compression }: OtlpSettings): boolean {
  return compression === 'gzip' && canGzip();
}
