import { type Attachment, attachments } from './attachments.js';
import { Matching } from './matching.js';
import { type Kind, rewrite } from './rewrite.js';

/** The result of a load hook. Source: Node's documentation of `node:module`, *load*. */
export interface Loaded {
  readonly format?: string | null | undefined;
  readonly source?: unknown;
}

/** Decides which files are changed, and changes their text. A fault leaves a file as it is. */
export class FileEdits {
  readonly #matching: Matching;

  /** @param picked - the ids of the packages; undefined means all */
  constructor(picked: readonly string[] | undefined, log: (line: string) => void) {
    const used = attachments.filter(({ id }) => picked === undefined || picked.includes(id));
    this.#matching = new Matching(used, log);
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

  /** Whether a file, judged by its URL or path, may be one to attach to. */
  isNear(file: string): boolean {
    return this.#matching.isNear(file);
  }

  /** @returns undefined if the text is not changed */
  editText(file: string, text: string, kind: Kind): string | undefined {
    if (!this.#matching.isNear(file)) return undefined;
    const found: readonly Attachment[] = this.#matching.find(file, text);
    return found.length === 0 ? undefined : rewrite(text, found, kind);
  }
}

/** The kind of module. If the package.json does not name one, it is decided by the text, as Node does after the hooks. */
function kindOf(format: Loaded['format'], text: string): Kind | undefined {
  if (format === 'module' || format === 'commonjs') return format;
  if (format !== undefined && format !== null) return undefined;
  return /^(?:import|export)\b/m.test(text) ? 'module' : 'commonjs';
}

function textOf(source: unknown): string | undefined {
  if (typeof source === 'string') return source;
  return source instanceof Uint8Array || source instanceof ArrayBuffer ? new TextDecoder().decode(source) : undefined;
}
