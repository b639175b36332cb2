import { type Attachment, attachments } from './attachments.js';

/** The global key under which the added lines find the {@link Taker}. */
export const takerKey = Symbol.for('pandaprobe.auto.v1');

/** The interface through which the added lines get replacements. */
export interface Taker {
  /**
   * @param at - index in the table of attachments
   * @returns the replacement for `value`
   */
  take(at: number, name: string, value: unknown): unknown;
  /** Puts the replacements into the exports of a CommonJS module. */
  put(module: { exports: unknown }): void;
}

export type Kind = 'module' | 'commonjs';

/**
 * Adds a line to the end of a file, which replaces classes or functions that the file declares. Only the module itself can assign
 * another value to its declarations, and importers see the new value. No code moves, and line numbers stay the same.
 *
 * @returns undefined if there is nothing to replace
 */
export function rewrite(source: string, found: readonly Attachment[], kind: Kind): string | undefined {
  const taker = `globalThis[Symbol.for(${JSON.stringify(Symbol.keyFor(takerKey))})]`;
  const added: string[] = [];
  let text = source;
  for (const attachment of found) {
    const at = attachments.indexOf(attachment);
    for (const name of attachment.names) {
      const own =
        attachment.areExported === true ? exportedAs(source, name) : declares(source, name) ? name : undefined;
      if (own === undefined) continue;
      // `export default name` exports the value of that moment; `export { name as default }` follows the variable.
      text = text.replace(new RegExp(`^export default ${name};$`, 'm'), `export { ${name} as default };`);
      added.push(`try{${own}=${taker}.take(${at},${JSON.stringify(name)},${own})}catch{}`);
    }
  }
  if (added.length === 0) return undefined;
  if (kind === 'commonjs') added.push(`try{${taker}.put(module)}catch{}`);
  return `${text}\n;${added.join(';')};\n`;
}

/** Whether the file declares this name at its top level. */
function declares(source: string, name: string): boolean {
  return new RegExp(`^(?:export )?(?:(?:async )?function|class|var|let|const) ${name}\\b`, 'm').test(source);
}

/** The local name of an export; in a minified file it differs from the exported name. */
function exportedAs(source: string, name: string): string | undefined {
  return new RegExp(`\\bexport ?\\{[^}]*?([\\w$]+) as ${name}\\b[^}]*\\}`).exec(source)?.[1];
}
