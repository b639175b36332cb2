/** The parameters of a function as its source names them. */
export interface ParamNames {
  /** One per parameter before a rest parameter; undefined where the source destructures. */
  readonly names: readonly (string | undefined)[];
  /** The name of the rest parameter. */
  readonly rest: string | undefined;
}

/*
 * A name is what stands for one in source that the engine has accepted: no space, and nothing of ASCII's punctuation but $ and _.
 * \p{ID_Start} would say so, and be looked up while the package is parsed, which took a fifth of that time.
 */
const param = /^(\.\.\.\s*)?([^\s!-#%-/:-@[-^`{-~]+)\s*(?:=|$)/;
/** Of an arrow function without parentheses. */
const onlyParam = /^(?:async\s+)?([^\s!-#%-/:-@[-^`{-~]+)\s*=>/;

/**
 * Reads parameter names from a function's source, once, when a class is defined. Gives undefined where the
 * source cannot be read (native and bound functions).
 */
export function readParamNames(fn: (...args: never[]) => unknown): ParamNames | undefined {
  const source = Function.prototype.toString.call(fn);
  if (source.includes('[native code]')) return undefined;
  const list = splitParams(source);
  if (list === undefined) return undefined;
  const names: (string | undefined)[] = [];
  for (const text of list) {
    const [, dots, name] = param.exec(text) ?? [];
    if (dots !== undefined) return { names, rest: name };
    names.push(name);
  }
  return { names, rest: undefined };
}

const openers = '([{';
const closers = ')]}';

/** The texts between the commas of the parameter list, without comments; undefined when there is no list. */
function splitParams(source: string): string[] | undefined {
  const name = onlyParam.exec(source)?.[1];
  if (name !== undefined) return [name];
  const params: string[] = [];
  let depth = 0;
  let text = '';
  for (let i = listStart(source); i < source.length; i += 1) {
    const skipped = skipQuoted(source, i);
    if (skipped > i) {
      if (source[i] !== '/') text += source.slice(i, skipped);
      i = skipped - 1;
      continue;
    }
    const char = source[i] ?? '';
    if (closers.includes(char)) depth -= 1;
    if (depth === 0 && char === ')') {
      if (text.trim() !== '') params.push(text.trim());
      return params;
    }
    if (depth === 1 && char === ',') {
      params.push(text.trim());
      text = '';
    } else if (depth > 0) text += char;
    if (openers.includes(char)) depth += 1;
  }
  return undefined;
}

/** Where the parameter list opens: behind the name, which may be computed (`[Symbol.iterator](…)`). */
function listStart(source: string): number {
  let depth = 0;
  for (let i = 0; i < source.length; i += 1) {
    const skipped = skipQuoted(source, i);
    if (skipped > i) {
      i = skipped - 1;
      continue;
    }
    if (source[i] === '[') depth += 1;
    else if (source[i] === ']') depth -= 1;
    else if (source[i] === '(' && depth === 0) return i;
  }
  return source.length;
}

/** The index behind a comment, string or template that starts at `at`; `at` itself when none does. */
function skipQuoted(source: string, at: number): number {
  const char = source[at];
  if (char === '/' && source[at + 1] === '/') return endOf(source, '\n', at + 2);
  if (char === '/' && source[at + 1] === '*') return endOf(source, '*/', at + 2);
  if (char !== '"' && char !== "'" && char !== '`') return at;
  for (let i = at + 1; i < source.length; i += 1) {
    if (source[i] === '\\') i += 1;
    else if (source[i] === char) return i + 1;
  }
  return source.length;
}

function endOf(source: string, mark: string, from: number): number {
  const at = source.indexOf(mark, from);
  return at < 0 ? source.length : at + mark.length;
}
