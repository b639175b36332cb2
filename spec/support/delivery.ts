import { randomUUID } from 'node:crypto';
import { createLog, type Log } from '../../lib/common/log.js';
import { createDelivery, type DeliveryOptions, type EarlyDelivery, type Loss } from '../../lib/delivery/delivery.js';
import type { JsonText, LateSpansRecord, ScoreRecord, SpanRecord, TraceRecord } from '../../lib/model/records.js';

/** Builders for the delivery specs. */

export const json = (value: unknown): JsonText => JSON.stringify(value) as JsonText; // test data is clean

const start = Date.UTC(2026, 10, 22, 13, 17, 47) + 0.25;

export function spanRecord(fields: Partial<SpanRecord> = {}, index = 0): SpanRecord {
  return {
    spanId: randomUUID(),
    parentSpanId: undefined,
    name: `s${index}`,
    kind: 'OTHER',
    status: 'OK',
    startedAt: start + index,
    endedAt: start + index + 0.5,
    completionStartTime: undefined,
    model: undefined,
    error: undefined,
    input: undefined,
    output: undefined,
    metadata: undefined,
    modelParameters: undefined,
    tokenUsage: undefined,
    cost: undefined,
    ...fields,
  };
}

export function traceRecord(fields: Partial<TraceRecord> = {}): TraceRecord {
  return {
    traceId: randomUUID(),
    name: 'T',
    status: 'COMPLETED',
    startedAt: start,
    endedAt: start + 1000,
    input: undefined,
    output: undefined,
    metadata: undefined,
    sessionId: undefined,
    userId: undefined,
    tags: [],
    environment: undefined,
    release: undefined,
    spans: [],
    ...fields,
  };
}

export function scoreRecord(traceId: string, fields: Partial<ScoreRecord> = {}): ScoreRecord {
  return {
    traceId,
    name: 'quality',
    value: '0.85',
    dataType: 'NUMERIC',
    reason: undefined,
    metadata: undefined,
    ...fields,
  };
}

export function lateSpansRecord(traceId: string, ...spans: SpanRecord[]): LateSpansRecord {
  return { traceId, spans };
}

/** A chain of `count` spans, each the child of the one before. */
export function chainOf(count: number): SpanRecord[] {
  const spans: SpanRecord[] = [];
  for (let i = 0; i < count; i += 1) spans.push(spanRecord({ parentSpanId: spans.at(-1)?.spanId }, i));
  return spans;
}

export const testKey = 'sk_pp_canary_4f1d9a';

/** A delivery with short patience, whose log lines and losses are kept. */
export function startDelivery(
  endpoint: string,
  options: Partial<DeliveryOptions> = {},
): { delivery: EarlyDelivery; lines: string[]; losses: Loss[] } {
  const { lines, losses, ...made } = deliveryOptions(endpoint, options);
  return { delivery: createDelivery(made.options), lines, losses };
}

/** The options of such a delivery. */
export function deliveryOptions(
  endpoint: string,
  options: Partial<DeliveryOptions> = {},
): { options: DeliveryOptions; lines: string[]; losses: Loss[] } {
  const lines: string[] = [];
  const losses: Loss[] = [];
  const log: Log = createLog({ debug: true, write: (line) => lines.push(line) });
  const all: DeliveryOptions = {
    endpoint,
    apiKey: testKey,
    projectName: 'specs',
    batchSize: 10,
    flushIntervalMs: 60_000,
    maxQueueSize: 10_000,
    maxQueueBytes: 64 * 1_048_576,
    maxSpoolBytes: 512 * 1_048_576,
    requestTimeoutMs: 10_000,
    worker: 'inline', // a thread takes long to start from sources; specs that are about it say so
    userAgent: 'pandaprobe-ts/spec',
    log,
    onLoss: (loss) => losses.push(loss),
    ...options,
    timing: {
      backOffMs: 20,
      maxBackOffMs: 200,
      blockedProbeMs: 100,
      absentMs: 10,
      maxAbsentMs: 50,
      minFlushRetryMs: 20,
      ...options.timing,
    },
  };
  return { options: all, lines, losses };
}
