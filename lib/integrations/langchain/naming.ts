import { nonEmptyString } from '../../calls/read-unknown.js';
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
