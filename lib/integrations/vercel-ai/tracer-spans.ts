import { type Fields, fields, nonEmptyString, number, parsed } from '../../calls/read-unknown.js';
import { followWebStream, isWebStream } from '../../engine/follow-stream.js';
import { guarded } from '../adapter/guarded.js';
import type { StepRecord } from '../adapter/step-record.js';
import { replyOf, resultOf } from './attributes.js';
import type { ModelStep } from './model-step.js';
import type { Run } from './run.js';
import type { AISDKSpan } from './types.js';

const context = { traceId: '', spanId: '', traceFlags: 0 };

/** A span in OpenTelemetry's form, by which the SDK reports one step. This one records nothing. */
export class TracerSpan implements AISDKSpan {
  /** The attributes that the SDK has set so far. */
  readonly attributes: Record<string, unknown> = {};
  error: unknown;

  spanContext(): typeof context {
    return context;
  }

  setAttribute(name: string, value: unknown): this {
    this.attributes[name] = value;
    return this;
  }

  setAttributes(attributes: unknown): this {
    Object.assign(this.attributes, attributes);
    return this;
  }

  /** The SDK gives a copy of the error: its name, message and stack. */
  recordException(error: unknown): void {
    const { name, message } = fields(error);
    this.error = Object.assign(new Error(nonEmptyString(message) ?? String(error)), {
      name: nonEmptyString(name) ?? 'Error',
    });
  }

  setStatus(status: unknown): this {
    const { code, message } = fields(status);
    if (code === 2) this.error ??= nonEmptyString(message) ?? 'the operation failed'; // SpanStatusCode.ERROR
    return this;
  }

  addEvent(_name: string, _attributes?: unknown, _time?: unknown): this {
    return this;
  }

  addLink(_link: unknown): this {
    return this;
  }

  addLinks(_links: unknown): this {
    return this;
  }

  updateName(_name: string): this {
    return this;
  }

  isRecording(): boolean {
    return false;
  }

  end(_time?: unknown): void {}
}

/** `ai.generateText` and its like. */
export class OperationSpan extends TracerSpan {
  readonly #run: Run;

  constructor(run: Run) {
    super();
    this.#run = run;
  }

  override isRecording(): boolean {
    return true;
  }

  override end(): void {
    guarded('AI SDK', 'the end of an operation', () => {
      if (this.error !== undefined) this.#run.failed(this.error);
      // `ai` 6 sets no attributes if a stream was aborted.
      else if (Object.keys(this.attributes).length === 0) this.#run.aborted();
      else this.#run.ended(resultOf(this.attributes));
    });
  }
}

/** `ai.generateText.doGenerate` and its like: one attempt to call a model. */
export class ModelSpan extends TracerSpan {
  readonly #run: Run;
  readonly #model: ModelStep;

  constructor(run: Run, model: ModelStep) {
    super();
    this.#run = run;
    this.#model = model;
  }

  /** The attempt has failed, with the error itself. */
  failed(error: unknown): void {
    guarded('AI SDK', 'an error', () => this.#model.refused(error));
  }

  /**
   * The attempt has returned its reply or a stream. If the stream breaks, the SDK ends no span. Chunks are not recorded, because
   * only the attributes respect the user's `recordOutputs`.
   */
  answered(value: unknown): void {
    guarded('AI SDK', 'a stream', () => {
      const { stream } = fields(fields(value).result);
      if (typeof stream !== 'object' || stream === null || !isWebStream(stream)) return;
      const nothing = () => {};
      followWebStream(stream, {
        returned: nothing,
        chunk: (part) => this.#model.noticed(part),
        streamed: nothing,
        threw: (error) => guarded('AI SDK', 'an error', () => this.#run.failed(error)),
        pull: (fn) => this.#model.pull(fn),
      });
    });
  }

  override isRecording(): boolean {
    return true;
  }

  override addEvent(name: string, attributes?: Fields): this {
    guarded('AI SDK', 'the first chunk', () => {
      if (name !== 'ai.stream.firstChunk') return;
      const ms =
        number(fields(attributes)['ai.response.msToFirstChunk']) ??
        number(fields(attributes)['ai.stream.msToFirstChunk']);
      if (ms === undefined) this.#model.span.firstChunk();
      else this.#model.firstChunkAfter(ms);
    });
    return this;
  }

  override end(): void {
    guarded('AI SDK', 'the end of a model call', () => {
      if (this.error !== undefined) this.#model.refused(this.error);
      else this.#model.returned({ ...replyOf(this.attributes), error: this.#model.reported });
    });
  }
}

/** `ai.toolCall`. */
export class ToolSpan extends TracerSpan {
  readonly #tool: StepRecord;

  constructor(tool: StepRecord) {
    super();
    this.#tool = tool;
  }

  override isRecording(): boolean {
    return true;
  }

  override end(): void {
    guarded('AI SDK', 'the end of a tool', () => {
      if (this.error !== undefined) this.#tool.fail(this.error);
      else this.#tool.output(parsed(this.attributes['ai.toolCall.result']));
      this.#tool.end();
    });
  }
}

/** A part of an operation that gets no span of its own, such as `ai.rerank.doRerank`: the operation has the same facts. */
export class MergedSpan extends TracerSpan {
  readonly #operation: TracerSpan;

  constructor(operation: TracerSpan) {
    super();
    this.#operation = operation;
  }

  override setAttributes(attributes: unknown): this {
    const { 'ai.ranking': ranking } = fields(attributes);
    if (ranking !== undefined) this.#operation.setAttribute('ai.ranking', ranking);
    return this;
  }
}
