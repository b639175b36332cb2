import { type Fields, fields, nonEmptyString } from '../../calls/read-unknown.js';
import type { SpanKind } from '../../model/kinds.js';

/** How a span of Mastra is recorded. */
export interface Shown {
  readonly name: string;
  readonly kind: SpanKind;
}

/** The kind for each type of span. Any other type is OTHER, unless it is internal. */
const kinds: Readonly<Record<string, SpanKind>> = {
  agent_run: 'AGENT',
  workflow_run: 'CHAIN',
  workflow_step: 'CHAIN',
  model_inference: 'LLM',
  classifier_evaluation: 'LLM',
  tool_call: 'TOOL',
  mcp_tool_call: 'TOOL',
  client_tool_call: 'TOOL',
  provider_tool_call: 'TOOL',
  rag_embedding: 'EMBEDDING',
  rag_vector_operation: 'RETRIEVER',
};

/** Internal types of spans: the framework's loop, the control flow of a workflow, and conversions of values. */
const machinery: ReadonlySet<unknown> = new Set([
  'model_generation',
  'model_step',
  'workflow_conditional',
  'workflow_conditional_eval',
  'workflow_parallel',
  'workflow_loop',
  'workflow_sleep',
  'workflow_wait_event',
  'mapping',
  'agent_signal',
  'skill_resolution',
]);

/** How a span is recorded; undefined for a span that is merged: its children go to the span above it. */
export function shownAs(span: Fields, showInternals: boolean): Shown | undefined {
  const { type } = span;
  if (machinery.has(type) && !showInternals) return undefined;
  const kind = kinds[`${type}`] ?? 'OTHER';
  return { name: nameOf(span, kind), kind };
}

/** The name of a span. Mastra's own names are sentences, such as `agent run: 'boss'`, with the agent's id instead of its name. */
function nameOf({ name, attributes, entityName }: Fields, kind: SpanKind): string {
  const said = nonEmptyString(name) ?? kind.toLowerCase();
  if (kind === 'LLM' || kind === 'EMBEDDING') {
    const { model, modelId } = fields(attributes);
    return nonEmptyString(model) ?? nonEmptyString(modelId) ?? 'model';
  }
  const quoted = /^[\w ]+: '(.+)'(?: \(resumed\))?$/.exec(said)?.[1];
  return (kind === 'AGENT' ? nonEmptyString(entityName) : undefined) ?? quoted ?? said;
}
