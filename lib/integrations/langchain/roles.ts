import { fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import type { SpanKind } from '../../model/kinds.js';

/**
 * The role of a chain in the tree. A *part* is an internal node of an agent made by `createAgent`, or an unnamed chain in such a
 * node. *Routing* chooses the next node of a graph. A *body* is the function of an `entrypoint`; the span of the `entrypoint` stands
 * for both. *Hidden* chains are hidden by the framework itself.
 */
export type Role = 'agent' | 'graph' | 'node' | 'part' | 'routing' | 'body' | 'hidden' | 'chain';

/** The facts that the framework reports at the start of a chain. */
export interface ChainStart {
  readonly name: unknown;
  /** The chain's class. */
  readonly className: unknown;
  readonly tags: unknown;
  readonly metadata: unknown;
}

/** Source: `@langchain/langgraph`, the classes of the results of `compile()`. */
const graphs: ReadonlySet<unknown> = new Set(['CompiledStateGraph', 'CompiledGraph', 'Pregel', 'RemoteGraph']);

/** The trigger of an `entrypoint`'s function. Nodes of a graph have other triggers. Source: `@langchain/langgraph`, pregel and func. */
const ofEntrypoint = '__start__';

/** Source: `langchain`, the nodes of ReactAgent. */
const partNames = /^(?:model_request|tools)$|\b(?:before|after)_(?:agent|model)\b/;

/**
 * Decides the role of a chain. `ls_integration` alone does not show what an agent or graph is: if it was called with the
 * configuration of the run around it, it has that run's value. So names and nodes are looked at, too.
 *
 * @param above - the role of the chain around this one
 */
export function roleOf({ name, className, tags, metadata }: ChainStart, above: Role | undefined): Role {
  const { ls_integration, lc_agent_name, langgraph_node, langgraph_triggers } = fields(metadata);
  if (list(tags).includes('langsmith:hidden')) return 'hidden';
  const ownName = nonEmptyString(name);
  if (graphs.has(className)) {
    const isAgent = ls_integration === 'langchain_create_agent' || (ownName !== undefined && ownName === lc_agent_name);
    return isAgent ? 'agent' : 'graph';
  }
  const isUnnamed = ownName === undefined || ownName === className;
  const isNode = ownName !== undefined && ownName === langgraph_node;
  if (above === 'agent') return isNode && !partNames.test(ownName) ? 'node' : 'part';
  if (above === 'part' && isUnnamed) return 'part';
  if (isNode && list(langgraph_triggers)[0] === ofEntrypoint) return 'body';
  if (above === 'graph' && isNode) return 'node';
  if (above === 'node' && isUnnamed && className === 'RunnableLambda') return 'routing';
  return 'chain';
}

/** Whether the tree has a span for chains of this role. */
export function isShown(role: Role, showInternals: boolean): boolean {
  if (role === 'hidden') return false;
  return showInternals || (role !== 'part' && role !== 'routing' && role !== 'body');
}

export function kindOf(role: Role): SpanKind {
  return role === 'agent' || role === 'node' ? 'AGENT' : 'CHAIN';
}
