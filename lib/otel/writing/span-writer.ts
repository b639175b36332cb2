/** Takes spans in one of OTLP's encodings, piece by piece: `begin`, attributes, `end`. */
export interface SpanWriter {
  /** How many spans were written. */
  readonly count: number;
  /** Begins a span. A span that was begun and not ended is discarded. */
  begin(head: SpanHead): void;
  text(key: string, text: string): void;
  texts(key: string, texts: readonly string[]): void;
  /** A whole number that a double holds exactly. */
  integer(key: string, value: number): void;
  double(key: string, value: number): void;
  boolean(key: string, value: boolean): void;
  end(ending: SpanEnding): void;
}

/** Ids are hexadecimal digits, times whole microseconds since the epoch. OTLP has no time before it. */
export interface SpanHead {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  /** 1 internal, 3 client. */
  readonly kind: number;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** What is known at the end of a span. */
export interface SpanEnding {
  /** 0 unset, 1 ok, 2 error. */
  readonly code: number;
  /** The error message; empty if there is none. */
  readonly message: string;
  /** The error's name. If it is set, the span gets an event for the exception. */
  readonly exception: string | undefined;
  /** The time of that event, in microseconds since the epoch. */
  readonly at: number;
  readonly flags: number;
}
