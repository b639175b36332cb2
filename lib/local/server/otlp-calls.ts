import type { IncomingMessage } from 'node:http';
import { createLog } from '../../common/log.js';
import type { OtelSpan } from '../../otel/otel-span.js';
import { traceValues } from '../../otel/reading/trace-values.js';
import { encodeAnswer } from '../../otel/wire/encode-answer.js';
import { databaseFault } from '../store/database-fault.js';
import type { Project } from '../store/projects.js';
import type { Store } from '../store/store.js';
import { type Answer, AnswerError } from './answer.js';
import { encodingOf, type OtlpEncoding, readInflated, readOtlp } from './otlp-body.js';
import { storeOtlpTrace } from './otlp-trace.js';
import { defaultMaxBodyBytes } from './request-body.js';

const paths = new Set(['/v1/traces', '/v1/logs', '/v1/metrics']);

/** Whether a path is one of OTLP's over HTTP. Source: OTLP specification, *OTLP/HTTP Request*. */
export function isOtlp(path: string): boolean {
  return paths.has(path);
}

const log = createLog({ debug: false });

/**
 * Answers an OTLP request, in the request's encoding. All spans of a trace are kept, in any order and from any number of
 * requests. Logs and metrics are accepted and dropped, because a refused sender would report errors for ever.
 */
export async function otlpCall(
  request: IncomingMessage,
  path: string,
  store: Store,
  maxBytes = defaultMaxBodyBytes,
): Promise<Answer> {
  if (request.method !== 'POST') return { status: 405, headers: { Allow: 'POST' } };
  const encoding = encodingOf(request);
  if (encoding === undefined) return { status: 415 };
  let bytes: Buffer;
  try {
    bytes = await readInflated(request, maxBytes);
  } catch (error) {
    if (!(error instanceof AnswerError)) throw error;
    const { status, headers = {} } = error.answer;
    return { ...refused(encoding, status, reasons[status] ?? ''), headers: { ...typeOf(encoding), ...headers } };
  }
  if (path !== '/v1/traces') {
    const what = path.slice('/v1/'.length);
    log.warn(path, `OpenTelemetry ${what} are not shown here, and dropped; switch their exporter off, or leave it`);
    return accepted(encoding, 0, '');
  }
  let spans: readonly OtelSpan[];
  let rejected: number;
  let isOther: boolean;
  try {
    ({ spans, rejected, isOther } = readOtlp(bytes, encoding));
  } catch (error) {
    return refused(encoding, 400, error instanceof Error ? error.message : 'no OTLP request');
  }
  const faults: string[] = rejected > 0 ? [`spans without a valid trace id, span id or time${hint(encoding)}`] : [];
  // Unknown fields must be ignored, but the sender should know that nothing else came.
  if (isOther) faults.push('there is no field resourceSpans in it; names in JSON are in lowerCamelCase');
  const asked = request.headers['x-project-name'];
  for (const group of byTrace(spans)) {
    const [{ resource }] = group;
    let fault: string | undefined;
    try {
      const project = store.projects.findOrMake(projectName(asked) ?? projectName(resource['service.name']) ?? 'otel');
      fault = await storeGroup(store, project, group);
    } catch (error) {
      const reason = databaseFault(error, store.database.path);
      if (reason === undefined) throw error;
      // An exporter repeats a request after 503, and drops it after 500. Source: OTLP specification, *Retryable Response Codes*.
      log.error(reason, reason);
      return refused(encoding, 503, reason, unavailable);
    }
    if (fault === undefined) continue;
    rejected += group.length;
    faults.push(fault);
  }
  return accepted(encoding, rejected, [...new Set(faults)].join('; '));
}

/** What senders of JSON often have wrong: Base64 is the usual form of bytes in protobuf's JSON. */
function hint(encoding: OtlpEncoding): string {
  return encoding === 'json' ? '; ids in JSON are hexadecimal digits' : '';
}

type SpansOfTrace = readonly [OtelSpan, ...OtelSpan[]];

/** Stores the spans of one trace. @returns the reason if they could not be stored */
async function storeGroup(store: Store, project: Project, group: SpansOfTrace): Promise<string | undefined> {
  const { trace, root } = traceValues(group, false);
  return storeOtlpTrace(store, project, trace, root);
}

function byTrace(spans: readonly OtelSpan[]): Iterable<SpansOfTrace> {
  const groups = new Map<string, [OtelSpan, ...OtelSpan[]]>();
  for (const span of spans) {
    const group = groups.get(span.traceId);
    if (group === undefined) groups.set(span.traceId, [span]);
    else group.push(span);
  }
  return groups.values();
}

/** A service's name as the name of a project. Source: backend-contract.md, *Project name*. */
function projectName(service: unknown): string | undefined {
  if (typeof service !== 'string') return undefined;
  const clean = service.replace(/[^A-Za-z0-9 \-_.']/g, '-').slice(0, 255);
  return clean.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '') || undefined;
}

function accepted(encoding: OtlpEncoding, rejected: number, message: string): Answer {
  const body =
    encoding === 'json'
      ? JSON.stringify(
          message === '' ? {} : { partialSuccess: { rejectedSpans: String(rejected), errorMessage: message } },
        )
      : encodeAnswer.partialSuccess(rejected, message);
  return { status: 200, body, headers: typeOf(encoding) };
}

const reasons: Readonly<Record<number, string | undefined>> = {
  400: 'the compressed body cannot be read',
  413: 'the body is too large',
  415: 'bodies are taken as they are or with gzip',
};
/** INVALID_ARGUMENT and UNAVAILABLE. Source: gRPC documentation, *Status codes*. */
const [invalidArgument, unavailable] = [3, 14];

function refused(encoding: OtlpEncoding, status: number, message: string, code = invalidArgument): Answer {
  const body = encoding === 'json' ? JSON.stringify({ code, message }) : encodeAnswer.status(code, message);
  return { status, body, headers: typeOf(encoding) };
}

function typeOf(encoding: OtlpEncoding): Readonly<Record<string, string>> {
  return { 'Content-Type': encoding === 'json' ? 'application/json' : 'application/x-protobuf' };
}
