/** A paragraph, list item or table row, under the headings that lead to it. */
export interface Block {
  readonly headings: readonly string[];
  readonly text: string;
}

/** Splits Markdown into its blocks of prose. Code fences, HTML comments and rules are left out: they hold no sentences. */
export function readMarkdown(markdown: string): Block[] {
  const blocks: Block[] = [];
  let headings: string[] = [];
  let lines: string[] = [];
  let columns: string[] = [];
  let fence: string | undefined;

  const close = () => {
    const text = lines.join(' ').trim();
    if (text !== '') blocks.push({ headings, text });
    lines = [];
  };

  for (const line of markdown.replace(/<!--[\s\S]*?-->/g, '').split('\n')) {
    const mark = /^\s*(```+|~~~+)/.exec(line)?.[1];
    if (mark !== undefined && (fence === undefined || mark.startsWith(fence))) {
      close();
      fence = fence === undefined ? mark : undefined;
      continue;
    }
    if (fence !== undefined) continue;

    const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    if (heading !== null) {
      close();
      const [, level = '#', title = ''] = heading;
      headings = [...headings.slice(0, level.length - 1), plain(title)];
    } else if (/^\s*\|/.test(line)) {
      close();
      const cells = line
        .trim()
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map(plain);
      if (columns.length === 0) columns = cells;
      else if (!cells.every((cell) => /^:?-*:?$/.test(cell)))
        blocks.push({ headings, text: rowAsText(columns, cells) });
    } else if (/^\s*$/.test(line) || /^\s*([-*_]\s*){3,}$/.test(line)) {
      close();
    } else {
      if (/^\s*([-*+]|\d+[.)])\s/.test(line)) close();
      lines.push(plain(line.replace(/^\s*([-*+]|\d+[.)])\s+|^\s*>\s?/, '')));
    }
    if (!/^\s*\|/.test(line)) columns = [];
  }
  close();
  return blocks;
}

/** `option: mask, default: off` reads better than cells side by side, and each row can stand alone. */
function rowAsText(columns: readonly string[], cells: readonly string[]): string {
  const pairs = cells
    .map((cell, at) => ({ column: columns[at] ?? '', cell }))
    .filter(({ cell }) => cell !== '' && cell !== '–');
  return pairs.map(({ column, cell }) => (column === '' ? cell : `${column}: ${cell}`)).join('; ');
}

/** Text without the marks: links become their text, emphasis goes, code marks stay. */
function plain(text: string): string {
  return text
    .replace(/!\[[^\]]*\]\([^)]*\)/g, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(\*\*|__)(?=\S)(.*?\S)\1/g, '$2')
    .replace(/(?<![\w*])\*(?=\S)([^*]*?\S)\*(?!\w)/g, '$1')
    .replace(/\\\|/g, '|')
    .trim();
}
