import { parseAst } from 'rolldown/parseAst';
import { isNode, type Node, textOf, visit } from './nodes.js';

/** One import, re-export, `import()`, `require()` or `import('…')` type of a file. */
export interface Import {
  /** As written; undefined where it is computed. */
  readonly specifier: string | undefined;
  /** True when the whole statement disappears from the JavaScript. `import { type A }` does not: the file is still loaded. */
  readonly typeOnly: boolean;
  /** True for `import()`: loaded when it is reached. */
  readonly lazy?: boolean;
}

/** What a checker needs to know about one source file. */
export interface Facts {
  readonly imports: readonly Import[];
  readonly readsEnvironment: boolean;
  readonly namesAsyncLocalStorage: boolean;
  /** The platform's timers and clocks that it names without an import of these names: those that fakes replace. */
  readonly fakeable: readonly string[];
  /** Whether it consists of `export … from` statements only. */
  readonly onlyReexports: boolean;
}

/** Reads TypeScript source. Throws where it does not parse. */
export function readFacts(source: string): Facts {
  const imports: Import[] = [];
  let readsEnvironment = false;
  let namesAsyncLocalStorage = false;
  const fakeable = new Set<string>();
  const imported = new Set<unknown>();
  const program = parseAst(source, { lang: 'ts', sourceType: 'module' });

  visit(program, (node) => {
    const found = importOf(node);
    if (found !== undefined) imports.push(found);
    if (node.type === 'Identifier' && node.name === 'AsyncLocalStorage') namesAsyncLocalStorage = true;
    readsEnvironment ||= isEnvironmentRead(node);
    if (node.type === 'ImportSpecifier') imported.add((node.local as Node).name);
    const time = fakeableName(node);
    if (time !== undefined && !imported.has(time)) fakeable.add(time);
  });

  return {
    imports,
    readsEnvironment,
    namesAsyncLocalStorage,
    fakeable: [...fakeable],
    onlyReexports: program.body.every(
      (statement) =>
        statement.type === 'ExportAllDeclaration' ||
        (statement.type === 'ExportNamedDeclaration' && statement.source !== null),
    ),
  };
}

function importOf(node: Node): Import | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
      return { specifier: textOf(node.source), typeOnly: node.importKind === 'type' };
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
      return node.source ? { specifier: textOf(node.source), typeOnly: node.exportKind === 'type' } : undefined;
    case 'TSImportType':
      return { specifier: textOf(node.source), typeOnly: true };
    case 'TSExternalModuleReference':
      return { specifier: textOf(node.expression), typeOnly: false };
    case 'ImportExpression':
      return { specifier: textOf(node.source), typeOnly: false, lazy: true };
    case 'CallExpression':
      return isIdentifier(node.callee, 'require')
        ? { specifier: textOf((node.arguments as unknown[])[0]), typeOnly: false }
        : undefined;
    default:
      return undefined;
  }
}

/** `process.env`, `process['env']`, `globalThis.process.env`, `const { env } = process`, `import { env } from 'node:process'`. */
function isEnvironmentRead(node: Node): boolean {
  if (node.type === 'MemberExpression') return propertyName(node) === 'env' && isProcess(node.object);
  if (node.type === 'VariableDeclarator') return isProcess(node.init) && picks(node.id, 'env');
  if (node.type === 'ImportDeclaration' && /^(node:)?process$/.test(textOf(node.source) ?? '')) {
    return (node.specifiers as Node[]).some((specifier) => isIdentifier(specifier.imported, 'env'));
  }
  return false;
}

const fakeableGlobals = [
  ...['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'],
  ...['queueMicrotask', 'performance'],
];
const fakeableModules = /^(?:node:)?(?:timers|timers\/promises|perf_hooks)$/;

/** A timer or clock of the platform's that is named here: a global, a module, `Date.now`, `new Date()`, `process.nextTick`. */
function fakeableName(node: Node): string | undefined {
  if (node.type === 'Identifier') return fakeableGlobals.find((name) => name === node.name);
  if (node.type === 'Literal') return fakeableModules.test(textOf(node) ?? '') ? textOf(node) : undefined;
  if (node.type === 'NewExpression' && isIdentifier(node.callee, 'Date')) {
    return (node.arguments as unknown[]).length === 0 ? 'new Date()' : undefined;
  }
  if (node.type !== 'MemberExpression') return undefined;
  const name = propertyName(node);
  if (name === 'now' && isIdentifier(node.object, 'Date')) return 'Date.now';
  return isProcess(node.object) && /^(?:nextTick|hrtime|uptime)$/.test(name ?? '') ? `process.${name}` : undefined;
}

function isProcess(node: unknown): boolean {
  if (isIdentifier(node, 'process')) return true;
  return isNode(node) && node.type === 'MemberExpression' && propertyName(node) === 'process';
}

function propertyName(member: Node): string | undefined {
  if (isNode(member.property) && member.property.type === 'Identifier' && !member.computed) {
    return String(member.property.name);
  }
  return textOf(member.property);
}

function picks(pattern: unknown, name: string): boolean {
  if (!isNode(pattern) || pattern.type !== 'ObjectPattern') return false;
  return (pattern.properties as Node[]).some((property) => isIdentifier(property.key, name));
}

function isIdentifier(node: unknown, name: string): boolean {
  return isNode(node) && node.type === 'Identifier' && node.name === name;
}
