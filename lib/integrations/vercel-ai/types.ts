/* The SDK's types as far as they are used here, so that none of its own stands in our declarations. */

/** The telemetry callbacks of the AI SDK 7. For `registerTelemetry`, or `telemetry.integrations` of one call. */
export interface AISDKTelemetry {
  /** An operation begins: `generateText`, `embed` and so on. */
  onStart(event: unknown): void;
  /** A step of it begins. Missing unless steps are shown. */
  onStepStart?(event: unknown): void;
  /** A model is about to be called. */
  onLanguageModelCallStart(event: unknown): void;
  /** A model has replied. */
  onLanguageModelCallEnd(event: unknown): void;
  /** A model is about to be called for an object. */
  onObjectStepStart(event: unknown): void;
  /** A model has replied with an object. */
  onObjectStepEnd(event: unknown): void;
  /** A tool is about to run. */
  onToolExecutionStart(event: unknown): void;
  /** A tool has run, or failed. */
  onToolExecutionEnd(event: unknown): void;
  /** A step is over. Missing unless steps are shown. */
  onStepEnd?(event: unknown): void;
  /** The operation has failed. */
  onError(event: unknown): void;
  /** The operation was aborted. */
  onAbort(event: unknown): void;
  /** The operation is over. */
  onEnd(event: unknown): void;
  /** A decision begins. */
  experimental_onDecideStart(event: unknown): void;
  /** The questions are decided. */
  experimental_onDecideEnd(event: unknown): void;
  /** A streamed transcription begins. */
  experimental_onStreamTranscriptionStart(event: unknown): void;
  /** A transcription was streamed to its end. */
  experimental_onStreamTranscriptionEnd(event: unknown): void;
  /** Runs one attempt to call a model. */
  executeLanguageModelCall<T>(call: {
    readonly callId: string;
    readonly execute: () => PromiseLike<T>;
  }): PromiseLike<T>;
  /** Runs a tool. */
  executeTool<T>(call: {
    readonly callId: string;
    readonly toolCallId: string;
    readonly execute: () => PromiseLike<T>;
  }): PromiseLike<T>;
}

/** What the AI SDK 5 and 6 ask of a tracer, in the form of OpenTelemetry. For `experimental_telemetry.tracer`. */
export interface AISDKTracer {
  /** Opens a span that is not current, which the SDK never does. */
  startSpan(name: string, options?: unknown, context?: unknown): AISDKSpan;
  /**
   * Runs the last argument, a function, with a span that is current in it, and returns its result.
   * @typeParam F - the function that runs
   */
  startActiveSpan<F extends (span: never) => unknown>(name: string, ...rest: readonly unknown[]): ReturnType<F>;
}

/** A span in the form of OpenTelemetry, by which the SDK reports one step. */
export interface AISDKSpan {
  /** All-zero ids: the span is not in OpenTelemetry. */
  spanContext(): { traceId: string; spanId: string; traceFlags: number };
  /** Notes one attribute. */
  setAttribute(name: string, value: unknown): this;
  /** Notes several attributes. */
  setAttributes(attributes: unknown): this;
  /** Notes why the step has failed. */
  recordException(error: unknown): void;
  /** Notes whether the step has failed. */
  setStatus(status: unknown): this;
  /** Notes an event, such as the first chunk of a stream. */
  addEvent(name: string, attributes?: unknown, time?: unknown): this;
  /** Does nothing. */
  addLink(link: unknown): this;
  /** Does nothing. */
  addLinks(links: unknown): this;
  /** Does nothing. */
  updateName(name: string): this;
  /** Whether the step is recorded. */
  isRecording(): boolean;
  /** The step is over. */
  end(time?: unknown): void;
}

/** A call of a model as a middleware gets it. */
export interface AISDKModelCall {
  /** What the model is asked. */
  readonly params: object;
  /** The model that is asked. */
  readonly model: object;
}

/** A middleware for `wrapLanguageModel` of the AI SDK 5, 6 and 7. */
export interface AISDKMiddleware {
  /** The version of the middleware's form; that of the model may be another. */
  readonly specificationVersion: 'v3';
  /** Records a call and returns its result. */
  wrapGenerate<R>(call: AISDKModelCall & { readonly doGenerate: () => PromiseLike<R> }): Promise<R>;
  /** Records a streamed call and returns its result. */
  wrapStream<R>(call: AISDKModelCall & { readonly doStream: () => PromiseLike<R> }): Promise<R>;
}
