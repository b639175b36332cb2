import { promisify } from 'node:util';
import { zlib } from '../../common/builtins.js';
import type { TraceLabels } from '../../otel/values.js';
import { encodeProtobuf } from '../../otel/wire/encode-protobuf.js';
import type { KeyValue, OtlpSpan, ResourceSpans } from '../../otel/wire/otlp.js';
import { scope } from '../../otel/writing/trace-spans.js';
import type { OtlpSettings } from '../wire/otlp-settings.js';

/** A span on its way, and where it comes from. */
export interface Part {
  readonly span: OtlpSpan;
  readonly labels: TraceLabels;
  /** The job's place among those of the request, and the body's in the job. */
  readonly job: number;
  readonly body: number;
}

/** Spans as the body of `POST /v1/traces`. Traces that say the same of their program share its resource. */
export function exportRequest(parts: readonly Part[], settings: OtlpSettings): Buffer {
  const groups = new Map<string, { readonly labels: TraceLabels; readonly spans: OtlpSpan[] }>();
  for (const { span, labels } of parts) {
    const key = JSON.stringify([labels.environment, labels.release]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { labels, spans: [span] });
    else group.spans.push(span);
  }
  const resourceSpans = [...groups.values()].map(
    ({ labels, spans }): ResourceSpans => ({
      resource: { attributes: resource(settings, labels) },
      scopeSpans: [{ scope, spans }],
    }),
  );
  const request = { resourceSpans };
  return settings.encoding === 'json' ? Buffer.from(JSON.stringify(request)) : encodeProtobuf(request);
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
export function headersOfBody({ encoding, compression }: OtlpSettings): Readonly<Record<string, string>> {
  return {
    'Content-Type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
    ...(compression === 'gzip' ? { 'Content-Encoding': 'gzip' } : {}),
  };
}

/** The bytes as they travel. */
export function compressed(body: Buffer, { compression }: OtlpSettings): Promise<Buffer> | Buffer {
  return compression === 'gzip' ? promisify(zlib().gzip)(body) : body;
}
