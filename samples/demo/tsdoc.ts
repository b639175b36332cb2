/** A documented declaration of a TypeScript file. */
export interface Declaration {
  readonly name: string;
  /** One line, from the source: `flush(options?: FlushOptions): Promise<FlushResult>`. */
  readonly signature: string;
  /** First line of the declaration, from 1. */
  readonly line: number;
  /** The comment as prose, tags turned into sentences, examples left out. */
  readonly text: string;
  /** The interface or class it is a member of. */
  readonly container: string | undefined;
}

const declared =
  /^\s*(?:(?:export|declare|abstract|override|readonly|static|async)\s+)*(?:(?:function\*?|class|const|interface|type)\s+)?(\w+)\??\s*(?:[(:<={;]|extends|implements)/;
const wordsThatNameNothing = new Set(['if', 'for', 'return', 'constructor', 'import', 'case']);

/** Reads the comments of a source file that stand before a declaration; what is `@internal` is left out. */
export function readTsdoc(source: string): Declaration[] {
  const containers = [...source.matchAll(/^(?:export )?(?:abstract )?(?:interface|class|const) (\w+)/gm)];
  const found: Declaration[] = [];
  for (const match of source.matchAll(/^([ \t]*)\/\*\*([\s\S]*?)\*\//gm)) {
    const [whole, indent = '', body = ''] = match;
    const rest = source.slice(match.index + whole.length);
    const code = rest.replace(/^(\s|\/\/[^\n]*\n)+/, '');
    const name = declared.exec(code)?.[1];
    if (name === undefined || wordsThatNameNothing.has(name) || body.includes('@internal')) continue;
    found.push({
      name,
      signature: signatureOf(code),
      line: source.slice(0, source.length - code.length).split('\n').length,
      text: prose(body),
      container: indent === '' ? undefined : containers.findLast(({ index }) => index < match.index)?.[1],
    });
  }
  return found;
}

/** The declaration up to its body, on one line. */
function signatureOf(code: string): string {
  let depth = 0;
  let at = 0;
  for (; at < code.length; at += 1) {
    const char = code.charAt(at);
    if (depth === 0 && (char === ';' || char === '{' || (char === '=' && code.charAt(at + 1) !== '>'))) break;
    if ('([{'.includes(char)) depth += 1;
    if (')]}'.includes(char)) depth -= 1;
    if (depth < 0) break;
  }
  return code
    .slice(0, at)
    .replace(/\s+/g, ' ')
    .replace(/^export /, '')
    .trim();
}

function prose(body: string): string {
  return body
    .replace(/^[ \t]*\*[ \t]?/gm, '')
    .replace(/```[\s\S]*?(```|$)/g, '')
    .replace(/@example[^@]*/g, '')
    .replace(/^Source:.*(\n(?!\n).*)*/gm, '')
    .replace(/@defaultValue\s+([^\n]+)/g, (_, value: string) => `The default is ${value.trim().replace(/[.]$/, '')}.`)
    .replace(/@throws\s+([^\n]+)/g, 'Throws $1')
    .replace(/@returns\s+/g, 'Returns ')
    .replace(/@(param|typeParam)\s+/g, '')
    .replace(/\{@link\s+([^}|]*?)\s*(\|[^}]*)?\}/g, '$1')
    .replace(/(?<![`'\w])@(?:internal|see|remarks|deprecated|returns?)\b/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
