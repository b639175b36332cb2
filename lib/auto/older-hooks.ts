import { nodeModule } from '../common/builtins.js';
import type { FileEdits } from './file-edits.js';
import type { Kind } from './rewrite.js';

/*
 * How files are edited on Node before 22.15, which has no hooks on the thread itself:
 *
 *   CommonJS     Module.prototype._compile, which all its files go through
 *   ES modules   fs.promises.readFile, with which Node reads them on the program's thread; once somebody has called `register`,
 *                on a thread for hooks
 *
 * Starting that thread takes as long as running an empty program. So this package does not start it: until other code calls
 * `register`, files are edited while Node reads them on the program's thread. Whether this version of Node reads them so is
 * tested at each start, with a file that does nothing.
 */

/** A file that does nothing. */
interface Probe {
  readonly url: string;
  load(): Promise<unknown>;
}

/** The hooks for Node's other thread. */
interface Loader {
  readonly url: string;
  readonly data: unknown;
}

type Compile = (this: unknown, content: string, file: string, format?: string, ...rest: unknown[]) => unknown;
type Register = (url: string | URL, ...rest: unknown[]) => unknown;

interface OlderModule {
  register: Register;
  syncBuiltinESMExports(): void;
  readonly Module: { readonly prototype: { _compile: Compile }; readonly _cache: object };
}

/**
 * Passes every file that this thread loads through `edits`.
 *
 * @param probe - undefined if the program does not wait for the result
 */
export function hookOlder(edits: FileEdits, loader: Loader, probe: Probe | undefined): Promise<void> | undefined {
  const module = nodeModule() as unknown as OlderModule;
  const { register } = module;
  editCompiled(module, edits);
  // A CommonJS file that ran before may hold a reference to the original `register`.
  const isFirst = Object.keys(module.Module._cache).length === 0;
  if (probe !== undefined && isFirst) return editRead(edits, probe, () => followRegister(module, loader), add);
  add();
  return undefined;

  function add(): void {
    register(loader.url, { data: loader.data });
  }
}

function editCompiled({ Module: { prototype } }: OlderModule, edits: FileEdits): void {
  const { _compile: original } = prototype;
  prototype._compile = function _compile(content, file, format, ...rest) {
    let text: string | undefined;
    try {
      const kind: Kind = format === 'module' || file.endsWith('.mjs') ? 'module' : 'commonjs';
      text = edits.editText(file, content, kind);
    } catch {
      text = undefined;
    }
    return Reflect.apply(original, this, [text ?? content, file, format, ...rest]);
  };
}

/** Edits ES modules as Node reads them on this thread. */
async function editRead(edits: FileEdits, probe: Probe, works: () => void, fails: () => void): Promise<void> {
  const { promises } = process.getBuiltinModule('node:fs');
  const { readFile: original } = promises;
  let isProbeSeen = false;
  const readFile = function readFile(this: unknown, file: unknown, ...rest: unknown[]) {
    const content = Reflect.apply(original, this, [file, ...rest]) as Promise<unknown>;
    // Node passes only a URL, and gets a Buffer.
    if (!(file instanceof URL) || rest.length > 0) return content;
    const { href } = file;
    if (href !== probe.url && !edits.isNear(href)) return content;
    if (!isCalledByNode()) return content;
    if (href === probe.url) isProbeSeen = true;
    return content.then((source) => {
      const edited = edits.edit(href, { source }).source;
      return typeof edited === 'string' ? Buffer.from(edited) : source;
    });
  };
  Object.defineProperty(readFile, 'length', { value: original.length });
  promises.readFile = readFile as typeof original;
  try {
    await probe.load();
  } catch {}
  if (isProbeSeen) return works();
  promises.readFile = original;
  fails();
}

/** Whether Node's ES module loader called the caller. Used only for the few files of known packages. */
function isCalledByNode(): boolean {
  const { stackTraceLimit, prepareStackTrace } = Error;
  const own: { prepareStackTrace?: unknown } = Error;
  try {
    Error.stackTraceLimit = 4;
    own.prepareStackTrace = undefined;
    return /\bgetSource \(node:internal\/modules\/esm\/load\b/.test(new Error('asked').stack ?? '');
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    own.prepareStackTrace = prepareStackTrace;
  }
}

/**
 * When other code registers hooks, Node's other thread reads the files from then on. So our hooks are registered there after
 * them, and get their results.
 */
function followRegister(module: OlderModule, loader: Loader): void {
  const { register: original } = module;
  let isAdded = false;
  module.register = function register(this: unknown, ...args) {
    const result = Reflect.apply(original, this, args);
    if (!isAdded) original(loader.url, { data: loader.data });
    isAdded = true;
    return result;
  };
  Object.defineProperty(module.register, 'length', { value: original.length });
  module.syncBuiltinESMExports();
}
