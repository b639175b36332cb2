// Breaks lines of minified code between statements and members of classes. Node prints the line of an uncaught error, which would
// fill the screen if a file were one line.
import { parseAst } from 'rolldown/parseAst';

export function shortLines(kind) {
  return {
    name: 'short-lines',
    generateBundle(_, chunks) {
      if (kind !== 'cjs' && kind !== 'esm') return;
      for (const chunk of Object.values(chunks)) {
        if (typeof chunk.code === 'string') chunk.code = broken(chunk.code);
      }
    },
  };
}

function broken(code) {
  const starts = new Set();
  const todo = [parseAst(code, { lang: 'js' })];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    const isList = node.type === 'Program' || node.type === 'BlockStatement' || node.type === 'ClassBody';
    if (isList) for (const each of node.body) starts.add(each.start);
    for (const value of Object.values(node)) {
      for (const each of Array.isArray(value) ? value : [value]) if (typeof each?.type === 'string') todo.push(each);
    }
  }
  const parts = [];
  let from = 0;
  for (const start of [...starts].sort((one, other) => one - other)) {
    if (start > 0 && code[start - 1] !== '\n') {
      parts.push(code.slice(from, start), '\n');
      from = start;
    }
  }
  return parts.join('') + code.slice(from);
}
