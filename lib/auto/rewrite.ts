import { type Attachment, attachments } from './attachments.js';

/** Where the added lines find a {@link Taker}: they run as part of the file. */
export const takerKey = Symbol.for('pandaprobe.auto.v1');

/** What the added lines call. */
export interface Taker {
  /**
   * @param at - place in the table of attachments
   * @returns what takes the place of `value`
   */
  take(at: number, name: string, value: unknown): unknown;
  /** Puts what was replaced into the exports of a CommonJS module. */
  put(module: { exports: unknown }): void;
}

export type Kind = 'module' | 'commonjs';

/**
 * Adds a line to the end of a file that puts something else in the place of what it declares. A class, a function and a `var` may
 * be given another value by their own module, and importers see it. So nothing moves, and no line gets another number.
 *
 * @returns undefined where there is nothing to put
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
      // A default that is a value would stay what it was; by its name it follows.
      text = text.replace(new RegExp(`^export default ${name};$`, 'm'), `export { ${name} as default };`);
      added.push(`try{${own}=${taker}.take(${at},${JSON.stringify(name)},${own})}catch{}`);
    }
  }
  if (added.length === 0) return undefined;
  if (kind === 'commonjs') added.push(`try{${taker}.put(module)}catch{}`);
  return `${text}\n;${added.join(';')};\n`;
}

/** Whether the file has this name of its own at its top level. */
function declares(source: string, name: string): boolean {
  return new RegExp(`^(?:export )?(?:(?:async )?function|class|var|let|const) ${name}\\b`, 'm').test(source);
}

/** What the file itself calls what it exports under this name, where the file is minified. */
function exportedAs(source: string, name: string): string | undefined {
  return new RegExp(`\\bexport ?\\{[^}]*?([\\w$]+) as ${name}\\b[^}]*\\}`).exec(source)?.[1];
}
