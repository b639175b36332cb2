import type { SpanKind } from '../../model/kinds.js';
import { type OtelSpan, ourScope } from '../otel-span.js';
import { genkitKind } from './genkit.js';
import { entryOf, parsed } from './parsed.js';

type Kinds = Readonly<Record<string, SpanKind | undefined>>;

const ours: Kinds = {
  ...{ AGENT: 'AGENT', TOOL: 'TOOL', LLM: 'LLM', RETRIEVER: 'RETRIEVER', CHAIN: 'CHAIN', EMBEDDING: 'EMBEDDING' },
  OTHER: 'OTHER',
};
const langfuse: Kinds = {
  ...{
    generation: 'LLM',
    embedding: 'EMBEDDING',
    agent: 'AGENT',
    tool: 'TOOL',
    chain: 'CHAIN',
    retriever: 'RETRIEVER',
  },
};
const openInference: Kinds = { ...ours, RERANKER: 'RETRIEVER' };
/** Operations of the AI SDK 7 that are one call of a model. Source: `@ai-sdk/otel`, `mapOperationName`. */
const singleCalls: Kinds = { 'ai.generateSpeech': 'LLM', 'ai.transcribe': 'LLM', 'ai.streamTranscribe': 'LLM' };
/** Operations of the GenAI conventions, and some of frameworks. */
const operations: Kinds = {
  ...{ chat: 'LLM', text_completion: 'LLM', generate_content: 'LLM', embeddings: 'EMBEDDING', retrieval: 'RETRIEVER' },
  ...{ execute_tool: 'TOOL', create_agent: 'AGENT', invoke_agent: 'AGENT', plan: 'AGENT' },
  ...{ invoke_workflow: 'CHAIN', agent_step: 'CHAIN', rerank: 'RETRIEVER', decide: 'LLM' },
  ...singleCalls,
};
const traceloop: Kinds = { workflow: 'CHAIN', task: 'CHAIN', agent: 'AGENT', tool: 'TOOL' };
const mlflow: Kinds = { ...ours, CHAT_MODEL: 'LLM', RERANKER: 'RETRIEVER' };

/** The attributes that name a span's kind, the one of the most specific dialect first, and what their values mean. */
const dialects: readonly (readonly [
  attribute: string,
  kindNamed: (name: string, attributes: OtelSpan['attributes']) => SpanKind | undefined,
])[] = [
  ['pandaprobe.span.kind', (name) => entryOf(ours, name)],
  ['langfuse.observation.type', (name) => entryOf(langfuse, name)],
  ['openinference.span.kind', (name) => entryOf(openInference, name.toUpperCase())],
  ['ai.operationId', aiSdkKind],
  ['gen_ai.operation.name', (name) => entryOf(operations, name)],
  ['traceloop.span.kind', (name) => entryOf(traceloop, name)],
  ['mlflow.spanType', (name) => entryOf(mlflow, name.toUpperCase())],
  ['genkit:type', genkitKind],
];

/** Attributes that only calls of a model have. */
const modelCall =
  /^(?:gen_ai\.(?:request\.model|response\.model|usage\.)|llm\.(?:request\.type|model_name|token_count))/;

/**
 * The kind of a span in its dialect; undefined for a span that has nothing to do with an agent, such as one of an HTTP client. If a
 * span has attributes of several dialects, the first of {@link dialects} counts.
 */
export function kindOf({ attributes }: Pick<OtelSpan, 'attributes'>): SpanKind | undefined {
  for (const [attribute, kindNamed] of dialects) {
    const name = parsed(attributes[attribute]);
    if (typeof name === 'string') return kindNamed(name, attributes) ?? 'OTHER';
  }
  for (const name in attributes) if (modelCall.test(name)) return 'LLM';
  return undefined;
}

/** The kind of an operation of the AI SDK, such as `ai.generateText.doGenerate`. */
function aiSdkKind(operation: string): SpanKind {
  const single = entryOf(singleCalls, operation);
  if (single !== undefined) return single;
  if (/\.do(?:Generate|Stream)$/.test(operation)) return 'LLM';
  if (/\.doEmbed$/.test(operation)) return 'EMBEDDING';
  if (operation === 'ai.toolCall') return 'TOOL';
  if (/^ai\.(?:generate|stream)/.test(operation)) return 'AGENT';
  return /^ai\.embed/.test(operation) ? 'CHAIN' : 'OTHER';
}

const agentScopes =
  /^(?:ai|gen_ai|logfire|pydantic-ai|langfuse-sdk|strands-agents|mastra|openinference.*|@mastra\/.*|@arizeai\/openinference.*|@traceloop\/.*|opentelemetry\.instrumentation\.(?:openai|anthropic|bedrock|google|vertex|langchain|mistral|cohere|groq).*|pandaprobe-ts)$/;
const agentAttribute = /^(?:gen_ai|openinference|llm|ai|traceloop|mlflow|langfuse|pandaprobe)\./;

/** Whether a span is about an agent: it has a known kind, or comes from a library for agents. */
export function isOfAgent(span: Pick<OtelSpan, 'scope' | 'attributes'>): boolean {
  if (span.scope === ourScope || agentScopes.test(span.scope) || kindOf(span) !== undefined) return true;
  for (const name in span.attributes) if (agentAttribute.test(name)) return true;
  return false;
}
