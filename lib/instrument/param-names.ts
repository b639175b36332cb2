/** The names in a destructured parameter. */
export interface Pattern {
  readonly isArray: boolean;
  /** The names of properties or of an array's items; undefined for an item that is left out. */
  readonly names: readonly (string | undefined)[];
  /** The name of the rest element. */
  readonly rest: string | undefined;
}

/** The parameters of a function as its source names them. */
export interface ParamNames {
  /** One for each parameter before a rest parameter; undefined if its name cannot be read. */
  readonly names: readonly (string | Pattern | undefined)[];
  /** The name of the rest parameter. */
  readonly rest: string | undefined;
}

/*
 * The engine has already parsed the source, so every run of characters without spaces and ASCII punctuation (except $ and _) is a
 * name. \p{ID_Start} would be exact, but compiling it took a fifth of the time in which this package is parsed.
 */
const named = /^(?:\.\.\.\s*)?([^\s!-#%-/:-@[-^`{-~]+)\s*([:=]|$)/;
/** The parameter of an arrow function without parentheses. */
const onlyParam = /^(?:async\s+)?([^\s!-#%-/:-@[-^`{-~]+)\s*=>/;

/**
 * Reads parameter names from a function's source. Returns undefined if the source cannot be read (native and bound functions), or
 * does not match the function's length.
 */
export function readParamNames(fn: (...args: never[]) => unknown): ParamNames | undefined {
  const source = Function.prototype.toString.call(fn);
  if (/\{\s*\[native code\]\s*\}$/.test(source)) return undefined;
  const only = onlyParam.exec(source)?.[1];
  if (only !== undefined) return { names: [only], rest: undefined };
  const params: string[] = [];
  if (scan(source, listStart(source), params) === 0) return undefined;
  const rest = restOf(params);
  const names: (string | Pattern | undefined)[] = [];
  let counted = 0;
  for (const text of params) {
    const pattern: string[] = [];
    const end = /^[[{]/.test(text) ? scan(text, 0, pattern) : 0;
    const [, name, sign] = named.exec(text) ?? [];
    const isOptional = end === 0 ? sign === '=' : text.length > end;
    // The engine counts parameters up to the first that has a default value.
    if (!isOptional && counted === names.length) counted += 1;
    names.push(end === 0 ? name : readPattern(text.startsWith('['), pattern));
  }
  return counted === fn.length ? { names, rest } : undefined;
}

/** Removes a rest element from the end. @returns its name */
function restOf(parts: string[]): string | undefined {
  return parts.at(-1)?.startsWith('...') === true ? named.exec(parts.pop() ?? '')?.[1] : undefined;
}

/**
 * Reads the names in a destructuring pattern. A part is undefined if it has no name: a computed key, or a pattern in an array.
 */
function readPattern(isArray: boolean, parts: string[]): Pattern | undefined {
  const rest = restOf(parts);
  const names = parts.map((part) => named.exec(part)?.[1]);
  const isRead = names.length > 0 && names.every((name, at) => name !== undefined || (isArray && parts[at] === ''));
  return isRead ? { isArray, names, rest } : undefined;
}

/**
 * Collects the parts between the commas in the bracket that opens at `open`, without comments. Returns the index after the closing
 * bracket; 0 if there is none.
 */
function scan(source: string, open: number, parts: string[]): number {
  let text = '';
  for (let at = open + 1; at < source.length; ) {
    const char = source[at] as string; // at is in range
    const end = skip(source, at, text);
    if (')]}'.includes(char)) {
      if (text.trim() !== '') parts.push(text.trim());
      return end;
    }
    if (char === ',') {
      parts.push(text.trim());
      text = '';
    } else text += end > at + 1 && char === '/' && /[/*]/.test(source[at + 1] ?? '') ? ' ' : source.slice(at, end);
    at = end;
  }
  return 0;
}

/** The index at which the parameter list opens: after the name, which may be computed (`[Symbol.iterator](…)`). */
function listStart(source: string): number {
  for (let at = 0; at < source.length && source[at] !== '='; at = skip(source, at, 'name')) {
    if (source[at] === '(') return at;
  }
  return source.length;
}

/**
 * The end of an operand (a name or a value, but not a keyword such as `return`). A slash after it divides; any other slash starts
 * a regular expression.
 */
const dividend = /[^\s!-#%-&*-/:-@[\\^{-~]\s*$/;
const operator = /\b(?:return|typeof|case|in|of|delete|void|throw|do|else|yield|await|instanceof)\s*$/;

/**
 * The index after the piece that starts at `at`: a comment, string, regular expression, bracket with its content, or a character.
 * @param before - the text before it, which decides what a slash means
 */
function skip(source: string, at: number, before: string): number {
  const char = source[at] as string; // at is in range
  if ('([{'.includes(char)) return scan(source, at, []) || source.length;
  const isExpression = char === '/' && (!dividend.test(before) || operator.test(before));
  if (char === '/' && source[at + 1] === '/') return endOf(source, '\n', at + 2);
  if (char === '/' && source[at + 1] === '*') return endOf(source, '*/', at + 2);
  if (!isExpression && !'"\'`'.includes(char)) return at + 1;
  let isClass = false;
  for (let i = at + 1; i < source.length; i += 1) {
    const one = source[i];
    if (one === '\\') i += 1;
    else if (isExpression && (one === '[' || one === ']')) isClass = one === '[';
    else if (one === char && !isClass) return i + 1;
    else if (char === '`' && one === '$' && source[i + 1] === '{') i = (scan(source, i + 1, []) || source.length) - 1;
  }
  return source.length;
}

function endOf(source: string, mark: string, from: number): number {
  const at = source.indexOf(mark, from);
  return at < 0 ? source.length : at + mark.length;
}
