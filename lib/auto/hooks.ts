import { nodeModule } from '../common/builtins.js';
import type { FileEdits, Loaded } from './file-edits.js';

type NextLoad = (url: string, context?: unknown) => Loaded;
type RegisterHooks = (hooks: { load(url: string, context: unknown, nextLoad: NextLoad): Loaded }) => unknown;

/**
 * Passes every file that this thread loads through `edits`, with the hooks that Node has on the thread itself since 22.15 and 23.5.
 *
 * @returns false if this Node does not have them
 */
export function hook(edits: FileEdits): boolean {
  const { registerHooks } = nodeModule() as unknown as { registerHooks?: RegisterHooks };
  if (typeof registerHooks !== 'function') return false;
  registerHooks({ load: (url, context, nextLoad) => edits.edit(url, nextLoad(url, context)) });
  return true;
}
