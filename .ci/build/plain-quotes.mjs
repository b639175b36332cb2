// The minifier writes texts as templates, which V8 reads one character at a time, and twice. What Node loads at once has plain quotes.
import { parseAst } from 'rolldown/parseAst';
import { Visitor } from 'rolldown/utils';

export function plainQuotes(kind) {
  return {
    name: 'plain-quotes',
    generateBundle(_, files) {
      if (kind !== 'cjs' && kind !== 'esm') return;
      for (const file of Object.values(files)) if (file.type === 'chunk') file.code = quoted(file.code);
    },
  };
}

function quoted(code) {
  const parts = [];
  let from = 0;
  for (const { start, end, quasis } of plainTemplates(code)) {
    const text = quasis[0].value.cooked;
    if (text.includes('\n')) continue; // stays in lines
    parts.push(code.slice(from, start), quote(text));
    from = end;
  }
  return parts.join('') + code.slice(from);
}

/** In quotes that need no escape where there are such. */
function quote(text) {
  const double = JSON.stringify(text);
  const isShorter = text.includes('"') && !text.includes("'");
  return isShorter ? `'${double.slice(1, -1).replaceAll('\\"', '"')}'` : double;
}

/** Templates without a value in them, in the order of the code; a tag is to get its own as it is. */
function plainTemplates(code) {
  const found = [];
  const tagged = new Set();
  new Visitor({
    TaggedTemplateExpression: ({ quasi }) => void tagged.add(quasi),
    TemplateLiteral: (node) => void (node.expressions.length === 0 && !tagged.has(node) && found.push(node)),
  }).visit(parseAst(code, { lang: 'js' }));
  return found;
}
