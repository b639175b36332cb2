import { posix } from 'node:path';
import { parseAst } from 'rolldown/parseAst';
import { isNode, type Node, textOf, visit } from './nodes.js';

/** A name that stands for all of a file: `export *`, `import * as`, `import()`. */
const all = '*';

/** What a file exports, and what it takes of others: names by specifier. */
interface Names {
  readonly exported: ReadonlySet<string>;
  readonly taken: readonly (readonly [specifier: string, name: string])[];
}

/**
 * Exports of `files` that no other file takes, as `path: name`.
 * @param users - files that may take of them: these, and specs and scripts
 * @param isPublic - whether a file is a public entry, whose exports are for users of the package
 */
export function unusedExports(
  files: ReadonlyMap<string, string>,
  users: ReadonlyMap<string, string>,
  isPublic: (path: string) => boolean,
): string[] {
  const names = new Map([...files, ...users].map(([path, source]) => [path, namesOf(source)]));
  const taken = new Set<string>();
  for (const [path, { taken: takenHere }] of names) {
    for (const [specifier, name] of takenHere) {
      if (specifier.startsWith('.')) taken.add(`${sourceOf(posix.join(posix.dirname(path), specifier))}: ${name}`);
    }
  }
  return [...files.keys()].flatMap((path) => {
    if (isPublic(path) || taken.has(`${path}: ${all}`)) return [];
    const exported = [...(names.get(path)?.exported ?? [])];
    return exported.map((name) => `${path}: ${name}`).filter((name) => !taken.has(name));
  });
}

/** Imports name the JavaScript that comes of a source. */
function sourceOf(path: string): string {
  return path.replace(/\.([cm]?)js$/, '.$1ts');
}

function namesOf(source: string): Names {
  const exported = new Set<string>();
  const taken: [string, string][] = [];
  visit(parseAst(source, { lang: 'ts', sourceType: 'module' }), (node) => {
    const from = textOf(node.source);
    const specifiers = (Array.isArray(node.specifiers) ? node.specifiers : []).filter(isNode);
    switch (node.type) {
      case 'ExportNamedDeclaration':
        for (const name of declaredNames(node.declaration)) exported.add(name);
        for (const { local, exported: as } of specifiers) {
          exported.add(nameOf(as));
          if (from !== undefined) taken.push([from, nameOf(local)]);
        }
        break;
      case 'ExportDefaultDeclaration':
        exported.add('default');
        break;
      case 'ImportDeclaration':
        for (const { type, imported } of specifiers) {
          const name =
            type === 'ImportSpecifier' ? nameOf(imported) : type === 'ImportDefaultSpecifier' ? 'default' : all;
          taken.push([from ?? '', name]);
        }
        break;
      case 'TSImportType':
        taken.push([from ?? '', isNode(node.qualifier) ? firstName(node.qualifier) : all]);
        break;
      case 'ExportAllDeclaration':
      case 'ImportExpression':
        taken.push([from ?? '', all]);
    }
  });
  return { exported, taken };
}

function declaredNames(declaration: unknown): string[] {
  if (!isNode(declaration)) return [];
  if (declaration.type !== 'VariableDeclaration') return [nameOf(declaration.id)];
  return (declaration.declarations as Node[]).map(({ id }) => nameOf(id));
}

function nameOf(node: unknown): string {
  return isNode(node) && node.type === 'Identifier' ? String(node.name) : (textOf(node) ?? '');
}

/** `A` of `A.B`. */
function firstName(node: Node): string {
  return isNode(node.left) ? firstName(node.left) : nameOf(node);
}
