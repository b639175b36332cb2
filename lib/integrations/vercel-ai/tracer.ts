import { type Fields, fields, list, nonEmptyString, parsed } from '../../calls/read-unknown.js';
import type { Frame } from '../../engine/frame.js';
import { callbackFrame } from '../../engine/frames-of-node.js';
import { toolFrame } from '../../engine/integration/tool-span.js';
import { currentFrame, within } from '../../engine/scope.js';
import type { SpanNode } from '../../engine/span-node.js';
import { guarded } from '../adapter/guarded.js';
import type { FrameworkOptions } from '../adapter/options.js';
import { whenCollected } from '../adapter/when-collected.js';
import { inputOf, metadataOf, requestOf } from './attributes.js';
import { Run } from './run.js';
import { MergedSpan, ModelSpan, OperationSpan, ToolSpan, TracerSpan } from './tracer-spans.js';
import type { AISDKTracer } from './types.js';

/*
 * `ai` 5 and 6 report what they do as spans of a tracer, each with its operation in `ai.operationId`:
 *
 *     ai.generateText                  the operation
 *       ai.generateText.doGenerate     each attempt to call the model; token counts are read from these only
 *       ai.toolCall
 *
 * A loop that is broken off ends neither its operation nor its model call.
 */

/** One operation that is running. */
interface RunningOperation {
  readonly run: Run;
  /** A weak reference: if nobody else holds the span, the operation cannot end any more. */
  readonly span: WeakRef<OperationSpan> | undefined;
}

/** An operation or step that the SDK opened, and the frame in which it runs. */
interface Opened {
  readonly span: TracerSpan;
  readonly frame: Frame | undefined;
}

const operations: ReadonlySet<string> = new Set([
  'ai.generateText',
  'ai.streamText',
  'ai.generateObject',
  'ai.streamObject',
  'ai.embed',
  'ai.embedMany',
  'ai.rerank',
]);

/** The part of OpenTelemetry's `Tracer` that the SDK uses. */
export class Tracer implements AISDKTracer {
  readonly #options: FrameworkOptions;
  readonly #running = new WeakMap<SpanNode, RunningOperation>();

  constructor(options: FrameworkOptions) {
    this.#options = options;
  }

  /** Required by the interface. The SDK calls only {@link startActiveSpan}. */
  startSpan(_name: string, _options?: unknown, _context?: unknown): TracerSpan {
    return new TracerSpan();
  }

  startActiveSpan<F extends (span: never) => unknown>(name: string, ...rest: readonly unknown[]): ReturnType<F> {
    const fn = rest.at(-1) as (span: TracerSpan) => ReturnType<F>; // the last of OpenTelemetry's arguments
    const { attributes } = fields(rest.length > 1 ? rest[0] : undefined);
    const opened = guarded('AI SDK', 'a span', () => this.#open(name, fields(attributes)));
    const span = opened?.span ?? new TracerSpan();
    const result = opened?.frame === undefined ? fn(span) : within(opened.frame, fn, span);
    return span instanceof ModelSpan ? (followed(result as PromiseLike<unknown>, span) as ReturnType<F>) : result; // the SDK's functions are async
  }

  #open(name: string, attributes: Fields): Opened | undefined {
    const operation = nonEmptyString(attributes['ai.operationId']) ?? name;
    const outside = currentFrame();
    if (operations.has(operation)) return this.#openOperation(operation, attributes, outside);
    const running = this.#runningIn(outside);
    if (running === undefined) return undefined;
    const { run } = running;
    if (/\.do(?:Generate|Stream)$/.test(operation)) {
      if (list(attributes['ai.prompt.tools']).length > 0) run.becomeAgent();
      const model = run.openModel(requestOf(attributes));
      return model && { span: new ModelSpan(run, model), frame: model.attempt(outside) };
    }
    if (operation === 'ai.toolCall') {
      run.becomeAgent();
      const [called, id] = [
        nonEmptyString(attributes['ai.toolCall.name']),
        nonEmptyString(attributes['ai.toolCall.id']),
      ];
      const tool = run.openTool(id ?? '', called ?? 'tool', parsed(attributes['ai.toolCall.args']));
      return tool && { span: new ToolSpan(tool), frame: toolFrame(tool.span, outside) };
    }
    const whole = running.span?.deref();
    return whole && { span: new MergedSpan(whole), frame: undefined };
  }

  #openOperation(operationId: string, attributes: Fields, outside: Frame): Opened | undefined {
    const functionId =
      nonEmptyString(attributes['ai.telemetry.functionId']) ?? nonEmptyString(attributes['resource.name']);
    const event = inputOf(attributes);
    const run = Run.open({ operationId, functionId, hasTools: false, event, options: this.#options }, () => {});
    if (run?.span === undefined) return undefined;
    run.metadata(metadataOf(attributes));
    const span = new OperationSpan(run);
    const ref = typeof WeakRef === 'undefined' ? undefined : new WeakRef(span);
    this.#running.set(run.span, { run, span: ref });
    whenCollected(span, () => run.aborted());
    return { span, frame: callbackFrame(run.span, outside) };
  }

  /** The operation that a span of the SDK belongs to: the nearest around it. */
  #runningIn(frame: Frame): RunningOperation | undefined {
    for (let at = frame.span; at !== undefined; at = at.parent) {
      const running = this.#running.get(at);
      if (running !== undefined) return running;
    }
    return undefined;
  }
}

async function followed<T>(attempt: PromiseLike<T>, span: ModelSpan): Promise<T> {
  let value: T;
  try {
    value = await attempt;
  } catch (error) {
    span.failed(error);
    throw error;
  }
  span.answered(value);
  return value;
}
