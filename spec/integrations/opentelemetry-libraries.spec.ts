import { createRequire } from 'node:module';
import type { TracerProvider } from '@opentelemetry/api';
import { expect } from 'chai';
import { Client } from '../../lib/client/client.js';
import { MemorySink } from '../../lib/client/sinks/memory-sink.js';
import { pandaProbeSpanProcessor } from '../../lib/opentelemetry/opentelemetry.js';
import { known, type Running, startRunning } from '../support/local-server.js';
import { type FakeModels, startModels } from './support/fake-models.js';
import { needFrameworks } from './support/installed.js';

/** What is called and how it is instrumented: each makes spans with this provider. */
const libraries: Readonly<Record<string, (provider: TracerProvider, url: string) => Promise<void>>> = {
  async "AI SDK 7's @ai-sdk/otel"(provider, url) {
    const { generateText, isStepCount, tool } = await import('ai');
    const { createOpenAI } = await import('@ai-sdk/openai');
    const { OpenTelemetry } = await import('@ai-sdk/otel');
    const { z } = await import('zod');
    const inputSchema = z.object({ city: z.string() });
    const weather = tool({ description: 'weather', inputSchema, execute: async ({ city }) => `${city}: 21` });
    await generateText({
      model: createOpenAI({ baseURL: url, apiKey: 'k' }).chat('gpt-x'),
      prompt: 'How warm is it?',
      tools: { weather },
      stopWhen: isStepCount(3),
      telemetry: { integrations: new OpenTelemetry({ tracer: provider.getTracer('gen_ai') }) },
    });
  },
  async OpenInference(provider, url) {
    const { OpenAIInstrumentation } = await import('@arizeai/openinference-instrumentation-openai');
    await chatted(new OpenAIInstrumentation({ tracerProvider: provider }), url);
  },
  async OpenLLMetry(provider, url) {
    const { OpenAIInstrumentation } = await import('@traceloop/instrumentation-openai');
    const instrumentation = new OpenAIInstrumentation();
    instrumentation.setTracerProvider(provider);
    await chatted(instrumentation, url);
  },
};

/** A chat by the copy of the client that CommonJS loads, which no other spec uses. */
async function chatted(
  instrumentation: { manuallyInstrument(module: typeof import('openai').OpenAI): void; disable(): void },
  baseURL: string,
): Promise<void> {
  const { OpenAI }: typeof import('openai') = createRequire(import.meta.url)('openai');
  instrumentation.manuallyInstrument(OpenAI);
  try {
    const client = new OpenAI({ baseURL, apiKey: 'k' });
    await client.chat.completions.create({ model: 'gpt-x', messages: [{ role: 'user', content: 'How warm is it?' }] });
  } finally {
    instrumentation.disable();
  }
}

const trees: Readonly<Record<string, string>> = {
  "AI SDK 7's @ai-sdk/otel": 'AGENT(CHAIN(LLM 10+5, TOOL), CHAIN(LLM 11+5))',
  OpenInference: 'LLM 10+5',
  OpenLLMetry: 'LLM 10+5',
};

/** The least of a span that both the client and the local server show. */
interface Shown {
  readonly id: string;
  readonly parent: string | undefined;
  readonly kind: string;
  readonly at: string;
  readonly tokens: string;
}

function treeOf(spans: readonly Shown[], parent?: string): string {
  const own = spans.filter((span) => span.parent === parent).toSorted((a, b) => (a.at < b.at ? -1 : 1));
  return own
    .map(({ id, kind, tokens }) => {
      const below = treeOf(spans, id);
      return `${kind}${tokens}${below === '' ? '' : `(${below})`}`;
    })
    .join(', ');
}

const tokens = (usage: Readonly<Record<string, number | undefined>> | null | undefined) =>
  usage ? ` ${usage.prompt_tokens}+${usage.completion_tokens}` : '';

describe('Libraries that make spans of OpenTelemetry', () => {
  let running: Running;
  let models: FakeModels;
  before(async function () {
    needFrameworks(this);
    running = await startRunning();
    models = await startModels();
  });
  after(async () => {
    await running?.[Symbol.asyncDispose]();
    await models?.[Symbol.asyncDispose]();
  });

  for (const [library, call] of Object.entries(libraries)) {
    it(`are read with their trees, messages and tokens, by the processor and by the local server: ${library}`, async () => {
      const { BasicTracerProvider, BatchSpanProcessor } = await import('@opentelemetry/sdk-trace-base');
      const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
      const { resourceFromAttributes } = await import('@opentelemetry/resources');
      const memory = new MemorySink();
      const client = new Client({ sinks: [memory] }, {});
      const exporter = new OTLPTraceExporter({ url: `${running.server.url}/v1/traces` });
      const spanProcessors = [new BatchSpanProcessor(exporter), pandaProbeSpanProcessor({ client })];
      const resource = resourceFromAttributes({ 'service.name': 'libraries' });
      const provider = new BasicTracerProvider({ resource, spanProcessors });
      models.answer([
        library.includes('AI SDK')
          ? { text: 'I look', tools: [{ id: 't1', name: 'weather', args: { city: 'Oslo' } }] }
          : { text: 'Cold' },
        { text: 'Cold' },
      ]);
      try {
        await call(provider, models.url);
      } finally {
        await provider.shutdown();
        await client.shutdown();
      }
      expect(memory.traces).to.have.length(1);
      const [trace] = memory.traces;
      const shown = trace?.spans.map((span) => ({
        ...{ id: span.spanId, parent: span.parentSpanId, kind: span.kind, tokens: tokens(span.tokenUsage) },
        at: String(span.startedAt.getTime()),
      }));
      expect(treeOf(shown ?? [])).to.equal(trees[library]);
      const content = JSON.stringify(trace?.spans.filter(({ kind }) => kind === 'LLM').at(-1));
      expect(content).to.include('How warm is it?').and.to.include('Cold');

      const headers = { ...known, 'X-Project-Name': 'libraries' };
      const { body } = await running.call('GET', `/traces/${trace?.traceId}`, undefined, headers);
      const stored: Shown[] = body.spans.map((span: Record<string, never>) => ({
        ...{ id: span.span_id, parent: span.parent_span_id ?? undefined, kind: span.kind, at: span.started_at },
        tokens: tokens(span.token_usage),
      }));
      expect(treeOf(stored)).to.equal(trees[library]);
      expect(JSON.stringify(body)).to.include('How warm is it?').and.to.include('Cold');
      const { prompt, completion } = models.counted;
      expect(body.total_tokens).to.equal(prompt + completion);
    });
  }
});
