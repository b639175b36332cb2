import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { runProgram, variables } from '../client/programs.js';
import { dialects } from '../dialects/compilers.js';
import { checkBody } from '../support/contract.js';
import { type Receiver, type StoredTrace, startReceiver, treeOf } from '../support/receiver.js';
import { typeErrors } from '../support/tsc.js';
import { userProject } from '../support/user-project.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const read = (file: string) => readFile(join(here, file), 'utf8');

/** A trace as one line: its tree, status and owners. */
const line = (trace: StoredTrace) =>
  [treeOf(trace), trace.status, trace.session_id, trace.user_id].filter((part) => part !== undefined).join(' ');

describe('Code written for the package of the platform vendor, with only the import name changed', () => {
  let work: string;
  let receiver: Receiver;
  before(async () => {
    work = await userProject();
  });
  after(() => rm(work, { recursive: true, force: true }));
  beforeEach(async () => {
    receiver = await startReceiver({ check: checkBody });
  });
  afterEach(() => receiver.close());

  /** Compiles a program of this folder in a dialect and runs it in a project of its own. */
  async function run(file: string, dialect = dialects[0]): Promise<string> {
    const folder = await mkdtemp(join(work, 'case-'));
    await dialect?.compile(folder, { [file]: await read(file) });
    const path = join(folder, file.replace(/\.ts$/, '.js'));
    const { code, stdout, stderr } = await runProgram([path], { env: variables(receiver.url) });
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(receiver.problems).to.deep.equal([]);
    return stdout;
  }

  it('runs withTrace, withSpan, init and flush', async () => {
    await run('manual.ts');
    const trace = receiver.trace('agent');
    expect(receiver.traces.map(line)).to.deep.equal(['agent(llm) COMPLETED']);
    expect(trace.input).to.deep.equal({ messages: [{ role: 'user', content: 'hi' }] });
    expect(trace.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'hello' }] });
    expect(trace.spans[0]).to.deep.include({ kind: 'LLM', model: 'gpt-4o', status: 'OK', output: trace.output });
    expect(receiver.requests[0]?.headers).to.include({ 'x-api-key': 'sk_pp_...', 'x-project-name': 'my-project' });
  });

  for (const dialect of dialects) {
    it(`runs its decorators as compiled by ${dialect.name}`, async () => {
      await run('agent.ts', dialect);
      expect(receiver.traces.map(line).sort()).to.deep.equal(['agent(generate) COMPLETED', 'alone(bare) COMPLETED']);
      const trace = receiver.trace('agent');
      expect(trace.input).to.deep.equal({ messages: [{ role: 'user', content: 'hi' }] });
      expect(trace.output).to.deep.equal({ messages: [{ role: 'assistant', content: '1 received' }] });
      expect(trace.spans[0]).to.deep.include({ kind: 'LLM', output: trace.output });
    });
  }

  it('runs startTrace, handles, scores, sessions, users, pre-built traces and a second client', async () => {
    expect(await run('imperative.ts')).to.equal('3\n');
    expect(receiver.traces.map(line).sort()).to.deep.equal([
      'built(part) COMPLETED',
      'failed ERROR',
      'imperative(step(inner)) COMPLETED',
      'scoped COMPLETED conv-123 user-42',
      'second COMPLETED conv-456 user-43',
      'set COMPLETED conv-456 user-43',
    ]);
    const trace = receiver.trace('imperative');
    expect(trace.metadata).to.deep.equal({ a: 1, c: 3 });
    expect(trace.spans[0]).to.deep.include({
      kind: 'TOOL',
      input: { q: 1 },
      output: { a: 2 },
      token_usage: { prompt_tokens: 3, completion_tokens: 4 },
      cost: { total: 0.1 },
      model_parameters: { temperature: 0 },
      metadata: { b: 2 },
    });
    expect(trace.spans[0]).to.have.property('completion_start_time');
    expect(trace.scores.map(({ name, value, data_type }) => [name, value, data_type])).to.deep.equal([
      ['verdict', 'PASS', 'CATEGORICAL'],
    ]);
    expect(receiver.trace('second')).to.include({ environment: 'staging', release: '1' });
  });

  for (const experimentalDecorators of [false, true]) {
    it(`compiles under ${experimentalDecorators ? 'experimentalDecorators' : 'standard decorators'}`, async () => {
      const folder = await mkdtemp(join(work, 'types-'));
      const files = ['types.ts', 'agent.ts'];
      const sources = Object.fromEntries(await Promise.all(files.map(async (file) => [file, await read(file)])));
      expect(await typeErrors(folder, sources, { experimentalDecorators })).to.deep.equal({});
    });
  }
});
