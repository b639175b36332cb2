import type { TraceLabels } from '../../otel/values.js';
import { ProtobufWriter } from '../../otel/wire/protobuf-writer.js';
import { JsonSpans } from '../../otel/writing/json-spans.js';
import { ProtobufSpans } from '../../otel/writing/protobuf-spans.js';
import type { SpanWriter } from '../../otel/writing/span-writer.js';
import { scope } from '../../otel/writing/trace-spans.js';
import type { OtlpSettings } from '../wire/otlp-settings.js';

/** A span on its way, and where it comes from. */
export interface Part {
  /** The span's index among all written spans. */
  readonly span: number;
  readonly labels: TraceLabels;
  /** The index of the job in the request, and of the body in the job. */
  readonly job: number;
  readonly body: number;
}

/** Spans in the encoding of the receiver: all are written first, then some of them at a time are put into requests. */
export interface EncodedSpans {
  readonly writer: SpanWriter;
  /** The body of `POST /v1/traces` with the spans of these parts. */
  request(parts: readonly Part[]): Buffer;
}

/** @param bytes - how many there will be, as far as is known */
export function encodedSpans(settings: OtlpSettings, bytes: number): EncodedSpans {
  return settings.encoding === 'json' ? jsonSpans(settings, bytes) : protobufSpans(settings, bytes);
}

/** Spans that say the same of their program share its resource. Spans of one run follow each other. */
interface ResourceGroup {
  readonly resource: readonly (readonly [string, string])[];
  readonly runs: { readonly from: number; to: number }[];
}

function groupsOf(parts: readonly Part[], settings: OtlpSettings): ResourceGroup[] {
  const groups = new Map<string, ResourceGroup>();
  let last: TraceLabels | undefined;
  let group: ResourceGroup = { resource: [], runs: [] };
  for (const { span, labels } of parts) {
    if (labels !== last) {
      const key = JSON.stringify([labels.environment, labels.release]);
      group = groups.get(key) ?? { resource: resourceOf(settings, labels), runs: [] };
      groups.set(key, group);
      last = labels;
    }
    const run = group.runs.at(-1);
    if (run?.to === span) run.to = span + 1;
    else group.runs.push({ from: span, to: span + 1 });
  }
  return [...groups.values()];
}

function resourceOf(settings: OtlpSettings, { environment, release }: TraceLabels): ResourceGroup['resource'] {
  return Object.entries({
    ...settings.resource,
    ...(environment === undefined ? {} : { 'deployment.environment.name': environment }),
    ...(release === undefined ? {} : { 'service.version': release }),
  });
}

function jsonSpans(settings: OtlpSettings, bytes: number): EncodedSpans {
  const writer = new JsonSpans(bytes);
  return {
    writer,
    request(parts) {
      const pieces = groupsOf(parts, settings).flatMap(({ resource, runs }, at) => {
        const attributes = resource.map(([key, stringValue]) => ({ key, value: { stringValue } }));
        const head = `${at === 0 ? '{"resourceSpans":[' : ','}{"resource":${JSON.stringify({ attributes })},"scopeSpans":[{"scope":${JSON.stringify(scope)},"spans":[`;
        const spans = runs.map(({ from, to }) => writer.slice(from, to));
        const last = spans.pop() as Buffer; // a group has spans
        return [Buffer.from(head), ...spans, last.subarray(0, -1), Buffer.from(']}]}')]; // without the comma
      });
      return Buffer.concat([...pieces, Buffer.from(']}')]);
    },
  };
}

/*
 * The field numbers of each message. Source: OpenTelemetry specification, opentelemetry-proto 1.x, *trace_service.proto*, *trace.proto* and
 * *common.proto*.
 */
const ofRequest = { resourceSpans: 1 } as const;
const ofResourceSpans = { resource: 1, scopeSpans: 2 } as const;
const ofResource = { attributes: 1 } as const;
const ofScopeSpans = { scope: 1 } as const;
const ofScope = { name: 1, version: 2 } as const;

function protobufSpans(settings: OtlpSettings, bytes: number): EncodedSpans {
  const writer = new ProtobufSpans(bytes);
  return {
    writer,
    request(parts) {
      const pieces = groupsOf(parts, settings).flatMap(({ resource, runs }) => {
        const spans = runs.map(({ from, to }) => writer.slice(from, to));
        return [
          headOf(
            resource,
            spans.reduce((sum, { length }) => sum + length, 0),
          ),
          ...spans,
        ];
      });
      return Buffer.concat(pieces);
    },
  };
}

/** The bytes in front of spans that take `bytes` bytes. */
function headOf(resource: ResourceGroup['resource'], bytes: number): Buffer {
  const ofScopes = new ProtobufWriter(1024);
  const scopeAt = ofScopes.open(ofScopeSpans.scope, 1);
  ofScopes.text(ofScope.name, scope.name);
  ofScopes.text(ofScope.version, scope.version);
  ofScopes.close(scopeAt, 1);
  const ofResources = new ProtobufWriter(1024);
  const resourceAt = ofResources.open(ofResourceSpans.resource, 2);
  for (const [key, text] of resource) ofResources.textAttribute(ofResource.attributes, key, text);
  ofResources.close(resourceAt, 2);
  ofResources.head(ofResourceSpans.scopeSpans, ofScopes.length + bytes);
  const out = new ProtobufWriter(2048);
  out.head(ofRequest.resourceSpans, ofResources.length + ofScopes.length + bytes);
  return Buffer.concat([out.slice(), ofResources.slice(), ofScopes.slice()]);
}

/** Headers that describe a body. */
export function headersOfBody(
  encoding: OtlpSettings['encoding'],
  isCompressed: boolean,
): Readonly<Record<string, string>> {
  return {
    'Content-Type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
    ...(isCompressed ? { 'Content-Encoding': 'gzip' } : {}),
  };
}
