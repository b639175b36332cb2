// Finds and rewrites what a declaration file imports.
import { parseAst } from 'rolldown/parseAst';

/** The specifiers of every import, re-export and `import('…')` type in `text`. */
export function declarationImports(text) {
  return sources(text).map((source) => source.value);
}

/** `text` with each specifier replaced by the result of `map`. */
export function mapDeclarationImports(text, map) {
  let mapped = '';
  let at = 0;
  for (const source of sources(text)) {
    mapped += `${text.slice(at, source.start)}'${map(source.value)}'`;
    at = source.end;
  }
  return mapped + text.slice(at);
}

function sources(text) {
  const found = [];
  (function visit(node) {
    if (node === null || typeof node !== 'object') return;
    if (node.type === 'TSExternalModuleReference') found.push(node.expression);
    else if (node.source?.type === 'Literal') found.push(node.source);
    for (const [key, value] of Object.entries(node)) if (key !== 'parent') visit(value);
  })(parseAst(text, { lang: 'dts' }));
  return found.sort((a, b) => a.start - b.start);
}
