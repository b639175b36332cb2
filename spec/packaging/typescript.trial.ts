import { expect } from 'chai';
import { type Project, startProject } from './trial.js';

const versions = {
  'typescript-5.2': 'npm:typescript@5.2.2',
  'typescript-5.4': 'npm:typescript@5.4.5',
  'typescript-5.9': 'npm:typescript@5.9.3',
  'typescript-6': 'npm:typescript@6.0.3',
  'typescript-7': 'npm:typescript@7.0.2',
};

/** Uses every part of the public types, with no types but the standard library's. */
const use = `
import * as api from 'pandaprobe-ts';
import { init, MemorySink, score, span, spanFunction, startTrace, trace, traceFunction, withSpan, withTrace } from 'pandaprobe-ts';
import type { Options, SpanHandle, TraceView } from 'pandaprobe-ts';

export class Agent {
  @trace({ name: 'agent', tags: ['support'] })
  async run(question: string): Promise<string> {
    return this.answer(question);
  }
  @span
  async answer(question: string): Promise<string> {
    return question;
  }
  @span({ kind: 'LLM', model: 'gpt-5.4' })
  async *stream(count: number): AsyncGenerator<string, void, undefined> {
    yield String(count);
  }
}
export const answer: Promise<string> = new Agent().run('why');

using handle = startTrace('pipeline', { tags: ['nightly'] });
using step: SpanHandle = handle.span('step', { kind: 'TOOL' });
step.setInput({ query: 1 }).setTokenUsage({ promptTokens: 1 });
score(handle.traceId, 'helpful', true);

const memory = new MemorySink();
const options: Options = { sinks: [memory], mask: (value, { field }) => (field === 'input' ? value : null) };
init(options);
const first: TraceView | undefined = memory.traces[0];
export const seven: number = withTrace('x', () => withSpan('y', () => 7));
export const echo: (word: string) => string = spanFunction((word: string) => word);
export const twice: (n: number) => Promise<number> = traceFunction(async (n: number) => 2 * n, { name: 'twice' });
export const all: object = { api, first };
// @ts-expect-error there is no such kind
withSpan('z', { kind: 'TOOLS' }, () => 1);
`;

/** The older dialect, whose decorators are called with other arguments. */
const legacyUse = use.slice(use.indexOf('export class'), use.indexOf('export const answer'));

describe('The types', () => {
  let project: Project;
  before(async function () {
    project = await startProject(this, versions);
    await project.write({
      'package.json': '{ "private": true }',
      'esm.mts': use,
      'cjs.cts': use,
      'plain.ts': use,
      'legacy.ts': `import { span, trace } from 'pandaprobe-ts';\n${legacyUse}`,
    });
  });
  after(() => project?.remove());

  for (const alias of Object.keys(versions)) {
    for (const resolution of ['node16', 'nodenext', 'bundler']) {
      it(`compile with ${alias} under moduleResolution ${resolution}, skipLibCheck off`, async () => {
        const base = {
          noEmit: true,
          strict: true,
          exactOptionalPropertyTypes: true,
          skipLibCheck: false,
          module: resolution === 'bundler' ? 'esnext' : resolution,
          moduleResolution: resolution,
          target: 'es2022',
          lib: ['es2022', 'esnext.disposable'],
          types: [],
        };
        const files = resolution === 'bundler' ? ['plain.ts'] : ['esm.mts', 'cjs.cts', 'plain.ts'];
        const legacy = { ...base, experimentalDecorators: true };
        await project.write({
          'tsconfig.json': JSON.stringify({ compilerOptions: base, files }),
          'tsconfig.legacy.json': JSON.stringify({ compilerOptions: legacy, files: ['legacy.ts'] }),
        });
        const tsc = `${project.home}/node_modules/${alias}/bin/tsc`;
        for (const config of ['tsconfig.json', 'tsconfig.legacy.json']) {
          const { code, stdout } = await project.node([tsc, '-p', config, '--pretty', 'false']);
          expect({ code, stdout }).to.deep.equal({ code: 0, stdout: '' });
        }
      });
    }
  }
});
