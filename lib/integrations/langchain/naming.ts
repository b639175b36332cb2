import { fields, nonEmptyString } from '../../calls/read-unknown.js';
import type { ChainStart, Role } from './roles.js';

/** How a handler names the runs that have no name of their own. */
export interface Naming {
  /** The name of a run without a parent. */
  readonly root: string;
  /** Whether the name of such a run only repeats its class. */
  isUnnamed(name: string, role: Role): boolean;
}

export function nameOf({ name, className }: ChainStart): string {
  return nonEmptyString(name) ?? nonEmptyString(className) ?? 'run';
}

export function rootName(start: ChainStart, role: Role, { root, isUnnamed }: Naming): string {
  const name = nameOf(start);
  return isUnnamed(name, role) ? root : name;
}

/** The name of the agent that a run is in, or is. */
export function agentNameOf({ metadata }: ChainStart): string | undefined {
  return nonEmptyString(fields(metadata).lc_agent_name);
}

/** Source: `@langchain/langgraph`, the names of a graph that got none: its class, or that of its base. */
const unnamedGraphs: ReadonlySet<unknown> = new Set(['LangGraph', 'CompiledStateGraph']);

/**
 * The name of a run in another one. Deep agents call a sub-agent that has no name with the name that they know it by; otherwise an
 * agent that a tool calls gets the name of the agent around it.
 *
 * @param around - the name of the agent that the run's parent is in
 */
export function innerName(start: ChainStart, around: string | undefined): string {
  const name = nameOf(start);
  const own = agentNameOf(start);
  return own !== undefined && own !== around && unnamedGraphs.has(name) ? own : name;
}
