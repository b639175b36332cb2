/*
 * The parts of OpenTelemetry JS 1, 2 and 3 that are used here. So no OpenTelemetry package is needed, and the program may use any
 * of these versions.
 */

/** Seconds and nanoseconds since the epoch. */
export type OTelTime = readonly [seconds: number, nanoseconds: number];

/** The entries that tracers have added to a trace. */
export interface OTelTraceState {
  /** As the header `tracestate` has it. */
  serialize(): string;
}

/** The context of an OpenTelemetry span, which its children get. */
export interface OTelSpanContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** If the lowest bit is set, the span is sampled. */
  readonly traceFlags: number;
  /** Whether the span belongs to another process. */
  readonly isRemote?: boolean | undefined;
  /** The entries that tracers have added. */
  readonly traceState?: OTelTraceState | undefined;
}

/** The fields of an OpenTelemetry span that are read. */
export interface OTelReadableSpan {
  readonly name: string;
  readonly startTime: OTelTime;
  readonly endTime: OTelTime;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly {
    readonly name: string;
    readonly time: OTelTime;
    readonly attributes?: Readonly<Record<string, unknown>> | undefined;
  }[];
  readonly links?:
    | readonly {
        readonly context: OTelSpanContext;
        readonly attributes?: Readonly<Record<string, unknown>> | undefined;
      }[]
    | undefined;
  readonly status: { readonly code: number; readonly message?: string | undefined };
  /** Of version 1. */
  readonly parentSpanId?: string | undefined;
  /** Since version 2. */
  readonly parentSpanContext?: OTelSpanContext | undefined;
  /** Of version 1. */
  readonly instrumentationLibrary?: { readonly name: string } | undefined;
  /** Since version 2. */
  readonly instrumentationScope?: { readonly name: string } | undefined;
  readonly resource?:
    | { readonly attributes: Readonly<Record<string, unknown>>; readonly asyncAttributesPending?: boolean | undefined }
    | undefined;
  readonly droppedAttributesCount?: number | undefined;
  /** The ids of the span. */
  spanContext(): OTelSpanContext;
}

/** A processor of spans, in the form that OpenTelemetry's providers take. */
export interface OTelSpanProcessor {
  /** Is called when a span starts. */
  onStart(span: OTelReadableSpan, parentContext: unknown): void;
  /** Is called when a span has ended. */
  onEnd(span: OTelReadableSpan): void;
  /** Sends the spans that have ended. Resolves when they are sent or `flush()`'s time is up; never rejects. */
  forceFlush(): Promise<void>;
  /** Sends all spans, open ones too, and ignores later ones. Never rejects. */
  shutdown(): Promise<void>;
}

/** An exporter of spans, in the form that OpenTelemetry's own processors take. */
export interface OTelSpanExporter {
  /** Takes spans that have ended. `done` always gets a success. */
  export(spans: readonly OTelReadableSpan[], done: (result: { code: number }) => void): void;
  /** Sends the spans that have ended. Resolves when they are sent or `flush()`'s time is up; never rejects. */
  forceFlush(): Promise<void>;
  /** Sends all spans, open ones too, and ignores later ones. Never rejects. */
  shutdown(): Promise<void>;
}
