import { bytesType, ProtobufReader, varintType } from '../../otel/wire/protobuf-reader.js';
import type { TransportAnswer } from '../http/transport.js';
import { classify } from '../pandaprobe/classify-response.js';
import { excerptOf } from '../text/excerpt.js';
import { isObject, parse } from '../text/json.js';
import type { Redact } from '../text/redact.js';
import type { Obstacle } from '../wire/obstacle.js';

/** What an answer to an export means. `halve`: the receiver does not take these spans together. */
export type ExportOutcome =
  | { readonly kind: 'accepted'; readonly rejected: number; readonly words: string }
  | { readonly kind: 'halve'; readonly status: number; readonly detail: string }
  | { readonly kind: 'refused'; readonly status: number; readonly detail: string }
  | { readonly kind: 'retry'; readonly obstacle: Obstacle; readonly mayBeTooMuch: boolean };

/**
 * Classifies an answer. Source: OpenTelemetry specification, OTLP/HTTP, *Response*. Unlike there, any 5xx is tried again: proxies
 * answer 500 while a receiver restarts.
 * @param now - milliseconds since the epoch, for dates in `Retry-After`
 */
export function readAnswer(answer: TransportAnswer, now: number, redact: Redact): ExportOutcome {
  if (answer.kind === 'answer' && answer.status >= 200 && answer.status < 300 && answer.ending !== 'cut') {
    // A login page answers 200 to everything.
    if (answer.contentType !== 'text/html') {
      const { rejected, words } = partialSuccess(answer.contentType, answer.bytes);
      return { kind: 'accepted', rejected: rejected > 0 ? Math.ceil(rejected) : 0, words: excerptOf(words, redact) };
    }
    const { status, requestId } = answer;
    const detail = `HTTP ${status} with text/html instead of an answer of OTLP, request ${requestId}`;
    return { kind: 'retry', obstacle: { cause: 'blocked', status, detail }, mayBeTooMuch: false };
  }
  const outcome = classify({ call: 'trace', traceId: '', isOtlp: true }, answer, now, redact);
  switch (outcome.kind) {
    case 'accepted':
      return { kind: 'accepted', rejected: 0, words: '' };
    case 'repair':
      return { kind: 'halve', status: outcome.status, detail: outcome.detail };
    case 'refused':
      return { ...outcome, kind: outcome.status === 400 ? 'halve' : 'refused' };
    case 'retry': {
      const { kind: _, mayHaveArrived: __, mayBeTooMuch, ...obstacle } = outcome;
      return { kind: 'retry', obstacle, mayBeTooMuch };
    }
  }
}

interface Partial {
  rejected: number;
  words: string;
}

/** How many spans were not taken, and why. Source: OpenTelemetry specification, trace_service.proto, *ExportTracePartialSuccess*. */
function partialSuccess(contentType: string, bytes: Buffer): Partial {
  const found: Partial = { rejected: 0, words: '' };
  if (contentType === 'application/json') {
    const body = parse(bytes.toString());
    const partial = isObject(body) ? body.partialSuccess : undefined;
    if (isObject(partial)) {
      found.rejected = Number(partial.rejectedSpans ?? 0) || 0;
      found.words = typeof partial.errorMessage === 'string' ? partial.errorMessage : '';
    }
    return found;
  }
  if (contentType !== 'application/x-protobuf') return found;
  try {
    const reader = new ProtobufReader(bytes);
    reader.fields((key) => {
      if (key !== 8 + bytesType) return false;
      reader.message((inner) => readPartial(inner, found));
      return true;
    });
  } catch {
    // No protobuf, although it says so; the status counts.
  }
  return found;
}

function readPartial(reader: ProtobufReader, into: Partial): void {
  reader.fields((key) => {
    if (key === 8 + varintType) into.rejected = Number(reader.int64());
    else if (key === 16 + bytesType) into.words = reader.text();
    else return false;
    return true;
  });
}
