import { nodeModule } from '../common/builtins.js';
import { type Attachment, attachments } from './attachments.js';
import { Matching } from './matching.js';
import { type Kind, rewrite } from './rewrite.js';

/** What a load hook gives. Source: Node's documentation of `node:module`, *load*. */
export interface Loaded {
  readonly format?: string | null | undefined;
  readonly source?: unknown;
}

/** Decides which files are changed, and changes their text. A fault leaves a file as it is. */
export class FileEdits {
  readonly #matching: Matching;

  /** @param picked - the ids of the packages; all unless given */
  constructor(picked: readonly string[] | undefined, note: (line: string) => void) {
    const used = attachments.filter(({ id }) => picked === undefined || picked.includes(id));
    this.#matching = new Matching(used, note);
  }

  /** Returns the loaded file, with changed source if it is one that something is attached to. */
  edit<T extends Loaded>(url: string, result: T): T {
    try {
      const file = url.replace(/[?#].*$/s, '');
      if (!file.startsWith('file:') || !this.#matching.isNear(file)) return result;
      const text = textOf(result.source);
      const kind = text === undefined ? undefined : kindOf(result.format, text);
      if (text === undefined || kind === undefined) return result;
      const edited = this.editText(process.getBuiltinModule('node:url').fileURLToPath(file), text, kind);
      return edited === undefined ? result : { ...result, source: edited };
    } catch {
      return result;
    }
  }

  /** @returns undefined if the text is not changed */
  editText(file: string, text: string, kind: Kind): string | undefined {
    if (!this.#matching.isNear(file)) return undefined;
    const found: readonly Attachment[] = this.#matching.find(file, text);
    return found.length === 0 ? undefined : rewrite(text, found, kind);
  }
}

/** If the package.json does not name a module kind, Node looks at the text itself, after the hooks. */
function kindOf(format: Loaded['format'], text: string): Kind | undefined {
  if (format === 'module' || format === 'commonjs') return format;
  if (format !== undefined && format !== null) return undefined;
  return /^(?:import|export)\b/m.test(text) ? 'module' : 'commonjs';
}

function textOf(source: unknown): string | undefined {
  if (typeof source === 'string') return source;
  return source instanceof Uint8Array || source instanceof ArrayBuffer ? new TextDecoder().decode(source) : undefined;
}

type NextLoad = (url: string, context?: unknown) => Loaded;
type RegisterHooks = (hooks: { load(url: string, context: unknown, nextLoad: NextLoad): Loaded }) => unknown;
type Compile = (this: unknown, content: string, file: string, format?: string, ...rest: unknown[]) => unknown;

/**
 * Lets the edits see every file that this thread loads. Node 22.15 and 23.5 have hooks for both module systems, on the thread
 * itself. Before, ES modules are loaded by another thread, and CommonJS has one method that all its files go through.
 *
 * @param loader - address of the file that the other thread loads
 */
export function hook(edits: FileEdits, loader: string, data: unknown): void {
  const module = nodeModule() as unknown as {
    registerHooks?: RegisterHooks;
    register(loader: string, options: { data: unknown }): void;
    Module: { prototype: { _compile: Compile } };
  };
  if (typeof module.registerHooks === 'function') {
    module.registerHooks({ load: (url, context, nextLoad) => edits.edit(url, nextLoad(url, context)) });
    return;
  }
  const { prototype } = module.Module;
  const { _compile: original } = prototype;
  prototype._compile = function _compile(content, file, format, ...rest) {
    let text: string | undefined;
    try {
      text = edits.editText(file, content, format === 'module' || file.endsWith('.mjs') ? 'module' : 'commonjs');
    } catch {
      text = undefined;
    }
    return Reflect.apply(original, this, [text ?? content, file, format, ...rest]);
  };
  module.register(loader, { data });
}
