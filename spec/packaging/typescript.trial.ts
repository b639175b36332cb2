import { expect } from 'chai';
import { linkProviders, type Project, startProject } from '../support/trial.js';

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
import { type MCPOptions, wrapMCPClient, wrapMCPServer } from 'pandaprobe-ts/integrations/mcp';
import { type GenaiPricesOptions, genaiPrices } from 'pandaprobe-ts/prices';
import { wrapAnthropic } from 'pandaprobe-ts/wrappers/anthropic';
import { type BedrockClient, wrapBedrock } from 'pandaprobe-ts/wrappers/bedrock';
import { wrapGemini, wrapGoogleGenAI } from 'pandaprobe-ts/wrappers/gemini';
import { wrapMistral } from 'pandaprobe-ts/wrappers/mistral';
import { unwrap, type WrapOptions, wrapOpenAI } from 'pandaprobe-ts/wrappers/openai';

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
const priced: GenaiPricesOptions = { provider: 'azure' };
init({ ...options, estimateCost: genaiPrices(priced) });
const first: TraceView | undefined = memory.traces[0];
export const seven: number = withTrace('x', () => withSpan('y', () => 7));
export const echo: (word: string) => string = spanFunction((word: string) => word);
export const twice: (n: number) => Promise<number> = traceFunction(async (n: number) => 2 * n, { name: 'twice' });
export const all: object = { api, first };
const chunks = spanFunction(async function* (word: string) { yield word; });
export const words: AsyncIterable<string> = chunks('why');
const length = traceFunction(function (word: string) { return word.length; });
export const lengthOf: number = { length }.length('why?');
// @ts-expect-error there is no such kind
withSpan('z', { kind: 'TOOLS' }, () => 1);

// The wrappers know clients by their shape: no provider's types are needed.
const how: WrapOptions = { client: init(options), tags: ['nightly'] };
export const one: number = unwrap(wrapOpenAI({ chat: { completions: {} }, mine: 1 }, how)).mine;
export const two: number = wrapAnthropic({ messages: {}, mine: 2 }).mine;
export const three: number = wrapGoogleGenAI(wrapGemini({ models: {}, mine: 3 })).mine;
export const four: number = wrapMistral({ chat: {}, mine: 4 }).mine;
const seen: MCPOptions = { client: init(options), resources: true };
export const five: number = wrapMCPClient({ callTool: () => 1, request: () => 1, mine: 5 }, seen).mine;
export const six: number = wrapMCPServer({ setRequestHandler: () => 1, getClientCapabilities: () => 1, mine: 6 }).mine;
export const bedrock = (client: BedrockClient): BedrockClient => wrapBedrock(client);
`;

/** The wrappers around clients as users have them: each keeps its type. */
const clients = `
import Anthropic from '@anthropic-ai/sdk';
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { GoogleGenAI } from '@google/genai';
import { Mistral } from '@mistralai/mistralai';
import OpenAI, { AzureOpenAI } from 'openai';
import { wrapAnthropic } from 'pandaprobe-ts/wrappers/anthropic';
import { wrapBedrock } from 'pandaprobe-ts/wrappers/bedrock';
import { wrapGemini } from 'pandaprobe-ts/wrappers/gemini';
import { wrapMistral } from 'pandaprobe-ts/wrappers/mistral';
import { wrapOpenAI } from 'pandaprobe-ts/wrappers/openai';

export const openai: OpenAI = wrapOpenAI(new OpenAI());
export const azure: AzureOpenAI = wrapOpenAI(new AzureOpenAI());
export const anthropic: Anthropic = wrapAnthropic(new Anthropic(), { streamUsage: true });
export const gemini: GoogleGenAI = wrapGemini(new GoogleGenAI({}));
export const mistral: Mistral = wrapMistral(new Mistral());
export const bedrock: BedrockRuntimeClient = wrapBedrock(new BedrockRuntimeClient({}));
export const text: Promise<string | null | undefined> = openai.chat.completions
  .create({ model: 'gpt-5.4', messages: [{ role: 'user', content: 'Why?' }] })
  .then((answer) => answer.choices[0]?.message.content);
// @ts-expect-error a client of another provider
wrapBedrock(new OpenAI());
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
      'clients.mts': clients,
      'legacy.ts': `import { span, trace } from 'pandaprobe-ts';\n${legacyUse}`,
    });
  });
  after(() => project?.remove());

  async function compile(alias: string, config: string): Promise<void> {
    const tsc = `${project.home}/node_modules/${alias}/bin/tsc`;
    const { code, stdout } = await project.node([tsc, '-p', config, '--pretty', 'false']);
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: '' });
  }

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
        for (const config of ['tsconfig.json', 'tsconfig.legacy.json']) await compile(alias, config);
      });
    }
  }

  for (const alias of ['typescript-5.2', 'typescript-7']) {
    it(`keep what the clients of providers are with ${alias}, skipLibCheck on for the providers' own sake`, async () => {
      await linkProviders(project);
      const compilerOptions = {
        noEmit: true,
        strict: true,
        skipLibCheck: true,
        module: 'nodenext',
        target: 'es2022',
        lib: ['es2022', 'dom', 'esnext.disposable'],
        types: ['node'],
      };
      await project.write({ 'tsconfig.clients.json': JSON.stringify({ compilerOptions, files: ['clients.mts'] }) });
      await compile(alias, 'tsconfig.clients.json');
    });
  }
});
