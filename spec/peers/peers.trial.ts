import { readFileSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type FakeModels, type ModelScript, startModels } from '../integrations/support/fake-models.js';
import { type Project, startProject } from '../support/trial.js';
import { root } from '../support/user-project.js';
import {
  columns,
  complete,
  type Outcome,
  type Outcomes,
  type Program,
  programs,
  repeated,
  tableText,
} from './cells.js';
import { type PeerSink, startPeerSink } from './sink.js';

/*
 * The same programs in the frameworks that others support, too, recorded by each: what arrives at a backend of theirs. Takes ten
 * minutes: `npm run trial:peers`. PEERS and FRAMEWORKS pick some, WRITE=true puts the table into docs/integrations.md, or picked rows
 * in the place of theirs.
 */

/** Frameworks by the name of their program, with the packages that are installed. */
const frameworks = {
  openai: { title: 'OpenAI client', packages: { openai: '6.49.0' } },
  'ai-sdk-7': { title: 'AI SDK 7', packages: { ai: '7.0.173', '@ai-sdk/openai': '4.0.118' } },
  'ai-sdk-6': {
    title: 'AI SDK 6',
    packages: { 'ai-6': 'npm:ai@6.0.326', 'ai-sdk-openai-3': 'npm:@ai-sdk/openai@3.0.141' },
  },
  langchain: {
    title: 'LangChain 1.5',
    packages: {
      langchain: '1.5.14',
      '@langchain/core': '1.4.0',
      '@langchain/langgraph': '1.7.3',
      '@langchain/openai': '1.5.8',
    },
  },
  'openai-agents': { title: 'OpenAI Agents 0.20', packages: { '@openai/agents': '0.20.0', zod: '4.6.7' } },
} as const;

/** Tracers by the name of their module. */
const tracers = {
  ours: { title: '**pandaprobe-ts**', packages: {} },
  vendor: { title: 'pandaprobe 0.4.2', packages: { pandaprobe: '0.4.2' } },
  langfuse: {
    title: 'Langfuse 5.11.1',
    packages: {
      '@langfuse/langchain': '5.11.1',
      '@langfuse/openai': '5.11.1',
      '@langfuse/otel': '5.11.1',
      '@langfuse/tracing': '5.11.1',
      '@langfuse/vercel-ai-sdk': '5.11.1',
      '@opentelemetry/api': '1.9.1',
      '@opentelemetry/exporter-trace-otlp-http': '0.223.1',
      '@opentelemetry/sdk-trace-base': '2.12.1',
      '@opentelemetry/sdk-trace-node': '2.12.0',
    },
  },
  langsmith: { title: 'LangSmith 0.12.0', packages: { langsmith: '0.12.0' } },
} as const;

type Framework = keyof typeof frameworks;
type Tracer = keyof typeof tracers;

const calls = {
  tools: ['Rome', 'Oslo'].map((city) => ({ id: `call-${city}`, name: 'w', args: { city } })),
};
const answers = [calls, { text: 'Warm.' }];
const scripts: Readonly<Record<Program, ModelScript>> = {
  tools: answers,
  stream: answers,
  nested: ({ messages, input }) => {
    const last = JSON.stringify((messages ?? (input as unknown[])).at(-1));
    if (last.includes('in a tool')) return { text: '21 °C' };
    return /"role":"tool"|"function_call_output"/.test(last) ? { text: 'Warm.' } : calls;
  },
  // It would go on for seconds, so that nobody reads it to its end by chance.
  break: [{ text: 'x', chunks: Array.from({ length: 400 }, () => 'sunny '), chunkDelay: 20 }],
  abort: [{ text: 'Hello', hang: true }],
  error: [{ status: 400, message: 'nope' }],
};

const picked = (names: string[], from: string | undefined) => names.filter((name) => !from || from.includes(name));

describe('What each product records of the same programs', () => {
  let project: Project;
  let models: FakeModels;
  let sink: PeerSink;
  const rows: (readonly string[])[] = [];

  before(async function () {
    const all = [...Object.values(frameworks), ...Object.values(tracers)].map(({ packages }) => packages);
    project = await startProject(this, Object.assign({}, ...all));
    const folder = join(root, 'spec/peers/programs');
    const files = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.mjs'));
    await project.write(
      Object.fromEntries(
        await Promise.all(files.map(async (path) => [path, await readFile(join(folder, path), 'utf8')])),
      ),
    );
    models = await startModels();
    sink = await startPeerSink();
  });
  after(async () => {
    await models?.[Symbol.asyncDispose]();
    await sink?.[Symbol.asyncDispose]();
    await project?.remove();
    console.log(`\n${tableText(rows)}\n`);
    if (process.env.WRITE === 'true') writeTable(rows);
  });

  async function outcomes(framework: Framework, tracer: Tracer): Promise<Outcomes | undefined> {
    const all: Partial<Record<Program, Outcome[]>> = {};
    for (const program of [...programs, repeated] as const) {
      models.answer(scripts[program]);
      const args = ['program.mjs', tracer, framework, program, models.url, sink.url];
      const { code, stderr } = await project.node(args);
      if (code === 3) return undefined;
      const spans = sink.take();
      if (process.env.SHOW) console.log(program, code, stderr.slice(-1000), spans);
      expect(models.calls.length, `${program}: ${stderr}`).to.be.greaterThan(0);
      all[program] = [...(all[program] ?? []), { spans, counted: models.counted }];
    }
    return all as unknown as Outcomes; // each program was run
  }

  for (const framework of picked(Object.keys(frameworks), process.env.FRAMEWORKS) as Framework[]) {
    for (const tracer of picked(Object.keys(tracers), process.env.PEERS) as Tracer[]) {
      it(`${frameworks[framework].title}, ${tracers[tracer].title}`, async () => {
        const of = await outcomes(framework, tracer);
        const cells = columns.map(({ title, cell }) => ({ title, said: of === undefined ? '–' : cell(of) }));
        rows.push([frameworks[framework].title, tracers[tracer].title, ...cells.map(({ said }) => said)]);
        if (tracer !== 'ours') return;
        for (const { title, said } of cells) if (complete[title]) expect(said, title).to.match(complete[title]);
      });
    }
  }
});

type Row = readonly string[];

/** Rows that were not run stay as they are. */
function writeTable(rows: readonly Row[]): void {
  const path = join(root, 'docs/integrations.md');
  const [begin, end] = ['<!-- npm run trial:peers -->', '<!-- the end of it -->'];
  const [before, rest] = readFileSync(path, 'utf8').split(begin);
  const [table, after] = rest?.split(end) ?? [];
  if (before === undefined || table === undefined || after === undefined)
    throw new Error(`${path} has no place for it`);
  const keyOf = (row: Row) => row.slice(0, 2).join();
  const fresh = new Map(rows.map((row) => [keyOf(row), row]));
  const kept = table.split('\n').flatMap((line) => (/^\| [^|]*\w/.test(line) ? [line.slice(2, -2).split(' | ')] : []));
  const all = kept.map((row) => fresh.get(keyOf(row)) ?? row);
  for (const row of rows) if (!kept.some((each) => keyOf(each) === keyOf(row))) all.push(row);
  const date = new Date().toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });
  const text = `Run on ${date} with Node ${process.version.slice(1)}.\n\n${tableText(all)}`;
  writeFileSync(path, `${before}${begin}\n${text}\n${end}${after}`);
}
