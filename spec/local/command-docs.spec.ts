import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { commonOptions } from '../../lib/local/command-line/command.js';
import { commandHelp, programHelp } from '../../lib/local/command-line/help.js';
import { mcpTools } from '../../lib/local/mcp/tools.js';
import { commands } from '../../lib/local/program.js';
import { root } from '../support/local-server.js';

const plain = (_: string, text: string) => text;
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

describe('Commands in the help and in the documentation', () => {
  it('lists every command in docs/local-server.md, with its arguments, and no other', () => {
    const table =
      /\n## Commands\n([\s\S]*?)\n### /.exec(readFileSync(join(root, 'docs/local-server.md'), 'utf8'))?.[1] ?? '';
    const rows = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, usage]) => usage);
    expect(rows.toSorted()).to.deep.equal(
      commands.map(({ name, usage }) => [name, usage].filter(Boolean).join(' ')).toSorted(),
    );
  });

  it('has every option in the help of its command, and every command in the help of the program', () => {
    const all = programHelp(commands, plain).join('\n');
    for (const command of commands) {
      expect(all).to.include(`  ${command.name}`);
      const help = commandHelp(command, plain).join('\n');
      for (const [name, { about }] of Object.entries({ ...command.options, ...commonOptions })) {
        expect(help).to.include(`--${name}`).and.include(about);
      }
    }
  });

  it('lists every tool of mcp in docs/coding-agents.md, and no other', () => {
    const page = readFileSync(join(root, 'docs/coding-agents.md'), 'utf8');
    const rows = [...page.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = '']) => cell.match(/\w+/g) ?? []);
    expect(rows).to.deep.equal(mcpTools.map(({ name }) => name));
  });

  it('names only commands and options that exist, in pages and examples', () => {
    const written = pages.flatMap((page) => {
      const text = readFileSync(join(root, page), 'utf8');
      return [...text.matchAll(/(?:^|[ `(|])pandaprobe-ts (?=[a-z])([^`\n|)]*)/gm)].map(([, line = '']) => ({
        page,
        line,
      }));
    });
    const examples = commands.flatMap(({ name, examples }) =>
      examples
        .flatMap(([line]) => line.split('|'))
        .filter((line) => line.includes('pandaprobe-ts '))
        .map((line) => ({ page: name, line: line.replace(/.*pandaprobe-ts /, '').replace(/\).*/, '') })),
    );
    expect(examples.length).to.be.greaterThan(20);
    const faults = [...written, ...examples].flatMap(({ page, line }) => {
      const [name, ...words] = line
        .replace(/\s+#.*/, '')
        .trim()
        .split(/\s+/);
      const command = commands.find((each) => each.name === name);
      // Prose: "the pandaprobe-ts package".
      if (command === undefined)
        return page.endsWith('.md') && !/^(?:npx|\$)/.test(line) && !words.some((word) => word.startsWith('--'))
          ? []
          : [`${page}: ${line}`];
      const known = Object.keys({ ...command.options, ...commonOptions });
      const end = words.indexOf('--'); // what follows is another program's
      return (end < 0 ? words : words.slice(0, end))
        .filter((word) => word.startsWith('--') && !known.includes(word.slice(2)))
        .map((word) => `${page}: ${line}: ${word}`);
    });
    expect(faults).to.deep.equal([]);
  });
});
