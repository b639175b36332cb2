/** Takes spans in one of OTLP's encodings, piece by piece: `begin`, attributes, `end`. */
export interface SpanWriter {
  /** How many spans were written. */
  readonly count: number;
  /** Begins a span. One that was begun and not ended is forgotten. */
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

export interface SpanEnding {
  /** 0 unset, 1 ok, 2 error. */
  readonly code: number;
  /** What went wrong; empty where nothing did, or nobody said. */
  readonly message: string;
  /** Name of the error, of which there is an event then. */
  readonly exception: string | undefined;
  /** In microseconds, of the event. */
  readonly at: number;
  readonly flags: number;
}
