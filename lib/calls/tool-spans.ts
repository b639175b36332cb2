import { wallMs } from '../common/real-time.js';
import { createSpan } from '../engine/create-span.js';
import { endSpanAt } from '../engine/integration/given-times.js';
import type { SpanNode } from '../engine/span-node.js';
import { objectJson } from '../model/object-json.js';
import type { ToolFacts, ToolObserver } from './call-adapter.js';
import { omitNullish } from './read-unknown.js';
import { capturedWithoutBytes, textWithoutBytes } from './without-bytes.js';

/** The TOOL spans below one call: one for each use of a tool, even if the provider reports it several times. */
export class ToolSpans implements ToolObserver {
  readonly #parent: SpanNode;
  readonly #captures: boolean;
  /** By their tool's key. Most calls use no tool. */
  #spans: Map<string, SpanNode> | undefined;
  /** When each requested tool was requested, by its key: milliseconds since the epoch. */
  #requests: Map<string, number> | undefined;

  constructor(parent: SpanNode, captures: boolean) {
    this.#parent = parent;
    this.#captures = captures;
  }

  started(tool: ToolFacts): void {
    this.#open(tool);
  }

  requested(tool: ToolFacts): void {
    if (this.#spans?.has(tool.key) !== true) this.#open(tool);
    this.#requests ??= new Map();
    this.#requests.set(tool.key, wallMs());
  }

  ended(tool: ToolFacts): void {
    const span = this.#spans?.get(tool.key) ?? this.#open(tool);
    if (span.ended) return;
    this.#write(span, tool);
    endSpanAt(span, tool.output === undefined ? this.#requests?.get(tool.key) : undefined);
  }

  /** Ends the spans that the reply has left open. */
  end(): void {
    if (this.#spans === undefined) return;
    for (const [key, span] of this.#spans) endSpanAt(span, this.#requests?.get(key));
  }

  #open({ key, name }: ToolFacts): SpanNode {
    const parent = this.#parent;
    const span = createSpan(parent.trace, parent, name, { kind: 'TOOL' }, { isHandle: false, hasExplicitParent: true });
    this.#spans ??= new Map();
    this.#spans.set(key, span);
    return span;
  }

  #write(span: SpanNode, { input, output, metadata, error }: ToolFacts): void {
    if (metadata !== undefined) span.draft.metadata = objectJson(span.capture(omitNullish(metadata), 'metadata'));
    if (error !== undefined) span.fail(textWithoutBytes(error));
    if (!this.#captures) return;
    if (input !== undefined) span.draft.input = capturedWithoutBytes(input, span, 'input');
    if (output !== undefined) span.draft.output = capturedWithoutBytes(output, span, 'output');
  }
}
