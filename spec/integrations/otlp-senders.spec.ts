import { expect } from 'chai';
import { known, type Running, startRunning } from '../support/local-server.js';
import { needFrameworks } from './support/installed.js';

describe('Exporters of OpenTelemetry to the local server', () => {
  let running: Running;
  before(async function () {
    needFrameworks(this);
    running = await startRunning();
  });
  after(() => running?.[Symbol.asyncDispose]());

  for (const encoding of ['proto', 'http'] as const) {
    for (const batch of [512, 1]) {
      it(`shows what the ${encoding} exporter sends, ${batch} spans a request`, async () => {
        const { context, trace } = await import('@opentelemetry/api');
        const { BasicTracerProvider, BatchSpanProcessor } = await import('@opentelemetry/sdk-trace-base');
        const { resourceFromAttributes } = await import('@opentelemetry/resources');
        const { OTLPTraceExporter } =
          encoding === 'proto'
            ? await import('@opentelemetry/exporter-trace-otlp-proto')
            : await import('@opentelemetry/exporter-trace-otlp-http');
        const service = `${encoding}-${batch}`;
        const settings = { url: `${running.server.url}/v1/traces`, compression: 'gzip' as never }; // a const enum's value
        const processor = new BatchSpanProcessor(new OTLPTraceExporter(settings), { maxExportBatchSize: batch });
        const provider = new BasicTracerProvider({
          resource: resourceFromAttributes({ 'service.name': service }),
          spanProcessors: [processor],
        });
        const tracer = provider.getTracer('gen_ai');
        const usage = { 'gen_ai.usage.input_tokens': 12, 'gen_ai.usage.output_tokens': 3 };
        const agent = tracer.startSpan('agent', { attributes: { 'gen_ai.operation.name': 'invoke_agent', ...usage } });
        const inside = trace.setSpan(context.active(), agent);
        const attributes = { 'gen_ai.operation.name': 'chat', ...usage, score: Number.NaN, list: ['a', 'b'] };
        tracer.startSpan('chat', { attributes }, inside).end();
        agent.recordException(new TypeError('no rain'));
        agent.setStatus({ code: 2, message: 'no rain' });
        agent.end();
        await provider.shutdown();

        const { traceId } = agent.spanContext();
        const headers = { ...known, 'X-Project-Name': service };
        const { body } = await running.call('GET', `/traces/${traceId}`, undefined, headers);
        expect(body).to.include({ name: 'agent', status: 'ERROR', total_tokens: 15 });
        const [first, second] = body.spans[0].name === 'agent' ? body.spans : body.spans.toReversed();
        expect(first).to.include({ kind: 'AGENT', error: 'no rain', parent_span_id: null });
        expect(second).to.include({ kind: 'LLM', parent_span_id: first.span_id });
        expect(second.metadata.list).to.deep.equal(['a', 'b']);
      });
    }
  }
});
