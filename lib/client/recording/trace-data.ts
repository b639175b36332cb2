import { UsageError } from '../../common/errors.js';
import { newId } from '../../common/ids.js';
import { ownOnly } from '../../common/own.js';
import type { SpanKind, SpanStatusCode, TraceStatus } from '../../model/kinds.js';
import type { DeliveryFile } from '../loading/delivery-beside.js';
import { loadDelivery } from '../loading/load-delivery.js';

/** The fields of a new {@link SpanData}. */
export interface SpanDataInit {
  /** UUID. @defaultValue a new one */
  readonly spanId?: string | undefined;
  /** UUID of the parent span; without one the span is a root of its trace. */
  readonly parentSpanId?: string | null | undefined;
  /** 1 to 512 characters. */
  readonly name: string;
  /** What the step did. @defaultValue OTHER */
  readonly kind?: SpanKind | undefined;
  /** How it ended. @defaultValue UNSET */
  readonly status?: SpanStatusCode | undefined;
  readonly input?: unknown;
  readonly output?: unknown;
  /** Up to 255 characters. */
  readonly model?: string | null | undefined;
  /** camelCase or snake_case keys, whole numbers. */
  readonly tokenUsage?: Readonly<Record<string, number>> | null | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined;
  readonly startedAt: Date;
  readonly endedAt?: Date | null | undefined;
  readonly error?: string | null | undefined;
  /** When the first token came. */
  readonly completionStartTime?: Date | null | undefined;
  readonly modelParameters?: Readonly<Record<string, unknown>> | null | undefined;
  /** Keys such as `total`, numbers in US dollars. */
  readonly cost?: Readonly<Record<string, number>> | null | undefined;
}

/**
 * A span that was recorded elsewhere, to be sent as part of a {@link TraceData}. You may change its fields until then. Fields
 * that the backend would refuse are repaired when it is sent.
 *
 * @example
 * ```ts
 * const step = new SpanData({ name: 'search', kind: 'TOOL', startedAt: new Date(), endedAt: new Date() });
 * step.output = { found: 3 };
 * ```
 */
export class SpanData {
  spanId: string;
  parentSpanId: string | null;
  name: string;
  kind: SpanKind;
  status: SpanStatusCode;
  input: unknown;
  output: unknown;
  model: string | null;
  tokenUsage: Readonly<Record<string, number>> | null;
  metadata: Readonly<Record<string, unknown>>;
  startedAt: Date;
  endedAt: Date | null;
  error: string | null;
  completionStartTime: Date | null;
  modelParameters: Readonly<Record<string, unknown>> | null;
  cost: Readonly<Record<string, number>> | null;

  /** @param given - fields that are missing get their defaults */
  constructor(given: SpanDataInit) {
    const init = ownOnly(given);
    this.spanId = init.spanId ?? newId();
    this.parentSpanId = init.parentSpanId ?? null;
    this.name = init.name;
    this.kind = init.kind ?? 'OTHER';
    this.status = init.status ?? 'UNSET';
    this.input = init.input ?? null;
    this.output = init.output ?? null;
    this.model = init.model ?? null;
    this.tokenUsage = init.tokenUsage ?? null;
    this.metadata = init.metadata ?? {};
    this.startedAt = init.startedAt;
    this.endedAt = init.endedAt ?? null;
    this.error = init.error ?? null;
    this.completionStartTime = init.completionStartTime ?? null;
    this.modelParameters = init.modelParameters ?? null;
    this.cost = init.cost ?? null;
  }

  /**
   * The span in the backend's form, repaired, without absent fields.
   * @throws UsageError `ERR_USAGE` where a bundler has put off the loading of what makes it
   */
  toApiDict(): Record<string, unknown> {
    return JSON.parse(loaded().spanDataJson(this));
  }
}

/** The fields of a new {@link TraceData}. */
export interface TraceDataInit {
  /** UUID. @defaultValue a new one */
  readonly traceId?: string | undefined;
  /** 1 to 512 characters. */
  readonly name: string;
  /** How it ended. @defaultValue COMPLETED */
  readonly status?: TraceStatus | undefined;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined;
  readonly startedAt: Date;
  readonly endedAt?: Date | null | undefined;
  /** Up to 255 characters, like the three below. */
  readonly sessionId?: string | null | undefined;
  readonly userId?: string | null | undefined;
  readonly environment?: string | null | undefined;
  readonly release?: string | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  readonly spans?: readonly SpanData[] | null | undefined;
}

/**
 * A trace that was recorded elsewhere, for `logTrace()`. You may change its fields until then. Fields that the backend would
 * refuse are repaired when it is sent.
 *
 * @example
 * ```ts
 * const startedAt = new Date();
 * const step = new SpanData({ name: 'search', kind: 'TOOL', startedAt, endedAt: new Date() });
 * logTrace(new TraceData({ name: 'imported-run', startedAt, endedAt: new Date(), spans: [step] }));
 * ```
 */
export class TraceData {
  traceId: string;
  name: string;
  status: TraceStatus;
  input: unknown;
  output: unknown;
  metadata: Readonly<Record<string, unknown>>;
  startedAt: Date;
  endedAt: Date | null;
  sessionId: string | null;
  userId: string | null;
  environment: string | null;
  release: string | null;
  tags: string[];
  spans: SpanData[];

  /** @param given - fields that are missing get their defaults */
  constructor(given: TraceDataInit) {
    const init = ownOnly(given);
    this.traceId = init.traceId ?? newId();
    this.name = init.name;
    this.status = init.status ?? 'COMPLETED';
    this.input = init.input ?? null;
    this.output = init.output ?? null;
    this.metadata = init.metadata ?? {};
    this.startedAt = init.startedAt;
    this.endedAt = init.endedAt ?? null;
    this.sessionId = init.sessionId ?? null;
    this.userId = init.userId ?? null;
    this.environment = init.environment ?? null;
    this.release = init.release ?? null;
    this.tags = Array.isArray(init.tags) ? [...init.tags] : [];
    this.spans = Array.isArray(init.spans) ? [...init.spans] : [];
  }

  /**
   * The trace with its spans in the backend's form, repaired, without absent fields.
   * @throws UsageError `ERR_USAGE` where a bundler has put off the loading of what makes it
   */
  toApiDict(): Record<string, unknown> {
    return JSON.parse(loaded().traceDataJson(this));
  }
}

/** The second file, which reads trace data. No client needs to record for this. */
function loaded(): typeof DeliveryFile {
  const file = loadDelivery();
  if (!('then' in file)) return file;
  file.catch(() => {});
  throw new UsageError(
    'expected all of pandaprobe-ts to be loaded: the bundler that took it in has put a part of it off',
  );
}
