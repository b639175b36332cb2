import { fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import type { SpanKind } from '../../model/kinds.js';

/**
 * The role of a chain in the tree. A *part* is an internal node of an agent made by `createAgent`, or an unnamed chain in such a
 * node; *routing* chooses the next node of a graph; *hidden* chains are hidden by the framework itself.
 */
export type Role = 'agent' | 'graph' | 'node' | 'part' | 'routing' | 'hidden' | 'chain';

/** The facts that the framework reports at the start of a chain. */
export interface ChainStart {
  readonly name: unknown;
  /** The chain's class. */
  readonly className: unknown;
  readonly tags: unknown;
  readonly metadata: unknown;
}

/** Source: `@langchain/langgraph`, the classes of the results of `compile()` and `entrypoint()`. */
const graphs: ReadonlySet<unknown> = new Set(['CompiledStateGraph', 'CompiledGraph', 'Pregel', 'RemoteGraph']);

/** @param above - the role of the chain around it */
export function roleOf({ name, className, tags, metadata }: ChainStart, above: Role | undefined): Role {
  const { ls_integration, langgraph_node } = fields(metadata);
  if (list(tags).includes('langsmith:hidden')) return 'hidden';
  if (graphs.has(className)) return ls_integration === 'langchain_create_agent' ? 'agent' : 'graph';
  const isUnnamed = nonEmptyString(name) === undefined || name === className;
  if (above === 'agent' || (above === 'part' && isUnnamed)) return 'part';
  if (above === 'graph' && name === langgraph_node) return 'node';
  if (above === 'node' && isUnnamed && className === 'RunnableLambda') return 'routing';
  return 'chain';
}

/** Whether the tree has a span for it. */
export function isShown(role: Role, showInternals: boolean): boolean {
  if (role === 'hidden') return false;
  return showInternals || (role !== 'part' && role !== 'routing');
}

export function kindOf(role: Role): SpanKind {
  return role === 'agent' || role === 'node' ? 'AGENT' : 'CHAIN';
}
