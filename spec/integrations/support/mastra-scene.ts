import type { Mastra } from '@mastra/core';
import type { Agent } from '@mastra/core/agent';
import type { AnyWorkflow } from '@mastra/core/workflows';
import type OpenAI from 'openai';
import { withSpan } from '../../../lib/index.js';
import type { PandaProbeExporter } from '../../../lib/integrations/mastra.js';

/** The program that the specs of Mastra run. */
export interface MastraScene {
  /** The agents `boss`, `lead` with the sub-agent `helper`, `careful`, `wrapped`, `router`, whose network has `helper`, `w` and `wf`, and the workflows `wf`, `branched` and `waiting`, which is suspended. */
  mastra(exporters: readonly PandaProbeExporter[], settings?: object): Mastra;
  /** A schema of `{ degrees: number }`. */
  readonly degrees: import('zod').ZodType<{ degrees: number }>;
}

/** The span of the tool, of which the program may open children. */
export type ToolSpan = NonNullable<import('@mastra/core/observability').TracingContext['currentSpan']>;
export type InTool = (city: string, span: ToolSpan | undefined) => unknown;

/** @param inTool - what the tool `w` does beside its answer */
export async function loadMastra(url: string, inTool: InTool, client: OpenAI): Promise<MastraScene> {
  const { Mastra } = await import('@mastra/core');
  const { Agent } = await import('@mastra/core/agent');
  const { MockMemory } = await import('@mastra/core/memory');
  const { InMemoryStore } = await import('@mastra/core/storage');
  const { createTool } = await import('@mastra/core/tools');
  const { createStep, createWorkflow } = await import('@mastra/core/workflows');
  const { Observability } = await import('@mastra/observability');
  const { createOpenAI } = await import('@ai-sdk/openai');
  const { z } = await import('zod');

  const provider = createOpenAI({ baseURL: url, apiKey: 'S3CRET', headers: { 'x-provider': 'S3CRET' } });
  const model = provider.chat('gpt-x');
  const w = createTool({
    ...{ id: 'w', description: 'Weather' },
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }, context) => {
      await inTool(city, context?.tracingContext?.currentSpan);
      return { city, degrees: 3 };
    },
  });
  const agent = (name: string, more: object): Agent =>
    new Agent({
      id: name,
      name,
      description: name,
      instructions: 'Be brief.',
      model: model as never,
      maxRetries: 0,
      ...more,
    });
  const question = z.object({ q: z.string() });
  const answer = z.object({ a: z.string() });

  return {
    degrees: z.object({ degrees: z.number() }),
    mastra(exporters, settings = {}) {
      const helper = agent('helper', {});
      const boss = agent('boss', { tools: { w } });
      let wf: AnyWorkflow | undefined;
      const agents = {
        ...{ helper, boss },
        lead: agent('lead', { agents: { helper } }),
        careful: agent('careful', { model: [{ model }, { model: provider.chat('gpt-y') }] }),
        wrapped: agent('wrapped', { model: ownModel(client) }),
        router: agent('router', {
          ...{ agents: { helper }, tools: { w }, memory: new MockMemory() },
          workflows: () => ({ wf }),
        }),
      };
      const st = createStep({
        ...{ id: 'st', inputSchema: question, outputSchema: answer },
        execute: async ({ inputData, tracingContext }) => {
          await withSpan('in the step', () => {});
          const { text } = await boss.generate(inputData.q, tracingContext === undefined ? {} : { tracingContext });
          return { a: text };
        },
      });
      wf = createWorkflow({ id: 'wf', inputSchema: question, outputSchema: answer }).then(st).commit();
      const isAsked = () => withSpan('in the condition', async () => true);
      const branched = createWorkflow({ id: 'branched', inputSchema: question, outputSchema: z.any() })
        .branch([[isAsked, st]])
        .commit();
      const patient = createStep({
        ...{ id: 'patient', inputSchema: question, outputSchema: answer, resumeSchema: answer },
        execute: async ({ suspend, resumeData }) => resumeData ?? (await suspend({})),
      });
      const waiting = createWorkflow({ id: 'waiting', inputSchema: question, outputSchema: answer })
        .then(patient)
        .commit();
      const observability = new Observability({
        configs: { default: { serviceName: 's', exporters: [...exporters], ...settings } },
      });
      const workflows = { wf: wf as never, branched, waiting };
      const storage = new InMemoryStore();
      return new Mastra({ agents, workflows, storage, logger: false, observability });
    },
  };
}

/** A language model of the program's own, which asks by a client of a provider. */
function ownModel(client: OpenAI): object {
  return {
    ...{ specificationVersion: 'v2', provider: 'own', modelId: 'own', supportedUrls: {} },
    async doGenerate() {
      const { choices, usage } = await client.chat.completions.create({
        model: 'gpt-x',
        messages: [{ role: 'user', content: 'Hi' }],
      });
      const { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: totalTokens } = usage as never;
      return {
        content: [{ type: 'text', text: choices[0]?.message.content }],
        ...{ finishReason: 'stop', usage: { inputTokens, outputTokens, totalTokens }, warnings: [] },
      };
    },
    doStream() {
      throw new Error('not streamed here');
    },
  };
}
