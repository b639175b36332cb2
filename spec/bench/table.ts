import { peerNamed } from './peers/index.js';
import type { Figures } from './programs/program.js';
import type { Column, Job, Workload } from './workloads.js';

/** The runs of one row. */
export interface Row extends Job {
  readonly runs: Figures[];
}

/** A workload's figures as a table in Markdown: median (least–most) of the runs, and the ratio of medians. */
export function tableText({ title, columns }: Workload, rows: readonly Row[]): string {
  const measured = rows.filter((row) => row.runs.length > 0);
  const cells = [
    ['', ...columns.map((column) => column.title)],
    ...measured.map((row) => [titleOf(row), ...columns.map((column) => cellText(column, row, measured))]),
  ];
  const widths = columns.map((_, at) => Math.max(...cells.map((line) => line[at + 1]?.length ?? 0)));
  const first = Math.max(...cells.map(([name = '']) => name.length));
  const lines = cells.map(
    ([name = '', ...rest]) =>
      `| ${[name.padEnd(first), ...rest.map((cell, at) => cell.padStart(widths[at] ?? 0))].join(' | ')} |`,
  );
  const rule = `|${'-'.repeat(first + 2)}|${widths.map((width) => `${'-'.repeat(width + 1)}:`).join('|')}|`;
  return [`### ${title}`, '', lines[0], rule, ...lines.slice(1), ''].join('\n');
}

function titleOf({ peer, variant }: Job): string {
  return variant === '' ? peerNamed(peer).title : `${peerNamed(peer).title}: ${variant}`;
}

function cellText(column: Column, row: Row, rows: readonly Row[]): string {
  const values = valuesOf(column, row);
  if (values.length === 0) return '';
  const show = (value: number) => value.toFixed(column.digits);
  const [least, middle, most] = [Math.min(...values), median(values), Math.max(...values)];
  const spread = show(least) === show(most) ? '' : ` (${show(least)}–${show(most)})`;
  return `${show(middle)}${spread}${ratioText(column, row, rows, middle)}`;
}

function ratioText(column: Column, row: Row, rows: readonly Row[], middle: number): string {
  const to = rows.find(({ peer, variant }) => peer === column.ratioTo && variant === row.variant);
  if (to === undefined || to === row || row.peer === 'bare') return '';
  return ` ${(middle / median(valuesOf(column, to))).toFixed(2)}×`;
}

function valuesOf({ key }: Column, { runs }: Row): readonly number[] {
  return runs.flatMap((figures) => {
    const value = figures[key];
    return value === undefined || Number.isNaN(value) ? [] : [value];
  });
}

/** The median. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}
