import { type PeerSpan, skeleton } from './arrived.js';

/** What one program has left at a product. */
export interface Outcome {
  readonly spans: readonly PeerSpan[];
  /** What the model has counted. */
  readonly counted: { readonly prompt: number; readonly completion: number };
}

/** The programs, and what is read from each. */
export const programs = ['tools', 'stream', 'nested', 'break', 'abort', 'error'] as const;
/** Twice, because with some products it is a matter of luck. */
export const repeated = 'break';
export type Program = (typeof programs)[number];

/** One row's outcomes. */
export type Outcomes = Readonly<Record<Program, readonly [Outcome, ...Outcome[]]>>;

interface Column {
  readonly title: string;
  cell(outcomes: Outcomes): string;
}

/** What was read of each run, if it was not always the same. */
function cellOf(program: Program, read: (outcome: Outcome) => string): Column['cell'] {
  return ({ [program]: outcomes }) => [...new Set(outcomes.map(read))].join(' or ');
}

const yes = 'yes';
const two = 'LLM LLM TOOL TOOL';
const inside = 'LLM LLM TOOL(lookup Oslo(LLM)) TOOL(lookup Rome(LLM))';

export const columns: readonly Column[] = [
  { title: 'spans', cell: cellOf('tools', ({ spans }) => String(spans.length)) },
  { title: 'tree', cell: cellOf('tools', ({ spans }) => treeCell(spans, two)) },
  { title: 'tokens', cell: cellOf('tools', tokensCell) },
  { title: 'tool calls', cell: cellOf('tools', ({ spans }) => callsCell(spans)) },
  { title: 'streamed', cell: cellOf('stream', streamCell) },
  { title: 'client in parallel tools', cell: cellOf('nested', ({ spans }) => treeCell(spans, inside)) },
  { title: 'break', cell: cellOf('break', ({ spans }) => cutCell(spans, 'sunny')) },
  { title: 'abort', cell: cellOf('abort', ({ spans }) => cutCell(spans, 'Hello')) },
  { title: 'error', cell: cellOf('error', ({ spans }) => errorCell(spans)) },
];

/** What our own row holds; a product has to have all of it, too, to be as good. */
export const complete: Readonly<Record<string, RegExp>> = {
  tree: /^yes$/,
  tokens: /^yes$/,
  'tool calls': /^yes$/,
  streamed: /^yes$/,
  'client in parallel tools': /^yes$/,
  // Not every framework tells what had come.
  break: /^ended(, with its text)?$/,
  abort: /^ended(, with its text)?$/,
  error: /^yes$/,
};

function treeCell(spans: readonly PeerSpan[], expected: string): string {
  if (spans.length === 0) return 'nothing';
  const traces = new Set(spans.map(({ trace }) => trace)).size;
  if (traces > 1) return `${traces} traces`;
  const found = skeleton(spans);
  return found === expected ? yes : `no: ${shortened(found)}`;
}

/** `LLM LLM TOOL TOOL` as `2 LLM, 2 TOOL`; a tree with what is nested as it is. */
function shortened(found: string): string {
  if (/[()]/.test(found)) return found;
  const kinds = ['LLM', 'TOOL', 'lookup'].map((kind) => [kind, found.split(kind).length - 1] as const);
  const said = kinds.flatMap(([kind, many]) => (many === 0 ? [] : [`${many} ${kind}`]));
  return said.length === 0 ? 'no LLM, no TOOL' : said.join(', ');
}

/** On the model calls as the model has counted them, and on no other span once more. */
function tokensCell({ spans, counted }: Outcome): string {
  const sum = (of: readonly PeerSpan[]) => of.reduce((all, { prompt, completion }) => all + prompt + completion, 0);
  const all = counted.prompt + counted.completion;
  const calls = sum(spans.filter(({ kind }) => kind === 'LLM'));
  const others = sum(spans.filter(({ kind }) => kind !== 'LLM'));
  if (calls + others === 0) return 'none';
  const onCalls = calls === all ? yes : `${calls} of ${all}`;
  return others === 0 ? onCalls : `${onCalls}; ${others} more on outer spans`;
}

function callsCell(spans: readonly PeerSpan[]): string {
  const outputs = spans.filter(({ kind }) => kind === 'LLM').map(({ output }) => output);
  const has = (city: string) => outputs.some((output) => output.includes(city) && /"w\\*"/.test(output));
  return has('Rome') && has('Oslo') ? yes : 'no';
}

function streamCell(outcome: Outcome): string {
  const tree = treeCell(outcome.spans, two);
  if (tree !== yes) return tree;
  const tokens = tokensCell(outcome);
  return tokens === yes ? yes : `tokens: ${tokens}`;
}

/** The result of a model call that was cut short. */
function cutCell(spans: readonly PeerSpan[], said: string): string {
  if (spans.length === 0) return 'nothing';
  const call = spans.find(({ kind }) => kind === 'LLM');
  if (call === undefined) return 'no model call';
  const state = call.error !== undefined ? 'error' : call.hasEnded ? 'ended' : 'open';
  return `${state}${call.output.includes(said) ? ', with its text' : ''}`;
}

function errorCell(spans: readonly PeerSpan[]): string {
  if (spans.length === 0) return 'nothing';
  const failed = spans.filter(({ error }) => error !== undefined);
  if (failed.length === 0) return 'no';
  const call = failed.find(({ kind }) => kind === 'LLM');
  if (call === undefined) return 'on outer spans only';
  return call.error?.includes('nope') ? yes : 'without its text';
}

/** Rows of cells as a table in Markdown. */
export function tableText(rows: readonly (readonly string[])[]): string {
  const lines = rows.map((cells) => `| ${cells.join(' | ')} |`);
  const titles = ['', '', ...columns.map(({ title }) => title)];
  return [`| ${titles.join(' | ')} |`, `|${'---|'.repeat(titles.length)}`, ...lines].join('\n');
}
