import type { SpanKind } from '../../model/kinds.js';
import { type OtelSpan, ourScope } from '../otel-span.js';
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
/** Operations of the GenAI conventions, and two of frameworks. */
const operations: Kinds = {
  ...{ chat: 'LLM', text_completion: 'LLM', generate_content: 'LLM', embeddings: 'EMBEDDING', retrieval: 'RETRIEVER' },
  ...{ execute_tool: 'TOOL', create_agent: 'AGENT', invoke_agent: 'AGENT', plan: 'AGENT' },
  ...{ invoke_workflow: 'CHAIN', agent_step: 'CHAIN' },
};
const traceloop: Kinds = { workflow: 'CHAIN', task: 'CHAIN', agent: 'AGENT', tool: 'TOOL' };
const mlflow: Kinds = { ...ours, CHAT_MODEL: 'LLM', RERANKER: 'RETRIEVER' };

/** Attributes that only calls of a model have. */
const modelCall =
  /^(?:gen_ai\.(?:request\.model|response\.model|usage\.)|llm\.(?:request\.type|model_name|token_count))/;

/**
 * The kind of a span in its dialect; undefined for a span that has nothing to do with an agent, such as one of an HTTP client. If a
 * span has attributes of several dialects, the most specific dialect counts, which is asked first.
 */
export function kindOf({ attributes }: Pick<OtelSpan, 'attributes'>): SpanKind | undefined {
  const said = (name: string) => {
    const value = parsed(attributes[name]);
    return typeof value === 'string' ? value : undefined;
  };
  const own = said('pandaprobe.span.kind');
  if (own !== undefined) return entryOf(ours, own) ?? 'OTHER';
  const observation = said('langfuse.observation.type');
  if (observation !== undefined) return entryOf(langfuse, observation) ?? 'OTHER';
  const inference = said('openinference.span.kind');
  if (inference !== undefined) return entryOf(openInference, inference.toUpperCase()) ?? 'OTHER';
  const aiSdk = said('ai.operationId');
  if (aiSdk !== undefined) return aiSdkKind(aiSdk);
  const operation = said('gen_ai.operation.name');
  if (operation !== undefined) return entryOf(operations, operation) ?? 'OTHER';
  const entity = said('traceloop.span.kind');
  if (entity !== undefined) return entryOf(traceloop, entity) ?? 'OTHER';
  const ofMlflow = said('mlflow.spanType');
  if (ofMlflow !== undefined) return entryOf(mlflow, ofMlflow.toUpperCase()) ?? 'OTHER';
  for (const name in attributes) if (modelCall.test(name)) return 'LLM';
  return undefined;
}

function aiSdkKind(operation: string): SpanKind {
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
