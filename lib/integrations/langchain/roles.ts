import { fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import type { SpanKind } from '../../model/kinds.js';

/**
 * What a chain of the framework's is in the tree. A *part* is one of the nodes that `createAgent` makes an agent of, or what runs
 * in one by no name of its own; *routing* chooses the next node of a graph; *hidden* is what the
 * framework itself hides.
 */
export type Role = 'agent' | 'graph' | 'node' | 'part' | 'routing' | 'hidden' | 'chain';

/** What the framework reports of a chain that starts. */
export interface ChainStart {
  readonly name: unknown;
  /** The class of what runs. */
  readonly className: unknown;
  readonly tags: unknown;
  readonly metadata: unknown;
}

/** Source: `@langchain/langgraph`, the classes of what `compile()` and `entrypoint()` give. */
const graphs: ReadonlySet<unknown> = new Set(['CompiledStateGraph', 'CompiledGraph', 'Pregel', 'RemoteGraph']);

/** @param above - what the chain stands in */
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

/** Whether the tree shows it, and its children below it. */
export function isShown(role: Role, showInternals: boolean): boolean {
  if (role === 'hidden') return false;
  return showInternals || (role !== 'part' && role !== 'routing');
}

export function kindOf(role: Role): SpanKind {
  return role === 'agent' || role === 'node' ? 'AGENT' : 'CHAIN';
}
