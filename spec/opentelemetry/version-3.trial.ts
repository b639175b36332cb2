import { expect } from 'chai';
import { known, startRunning } from '../support/local-server.js';
import { type Project, printed, startProject } from '../support/trial.js';

const program = `
import { ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { Client, MemorySink } from 'pandaprobe-ts';
import { pandaProbeSpanProcessor } from 'pandaprobe-ts/opentelemetry';

const memory = new MemorySink();
const client = new Client({ sinks: [memory] });
const provider = new TracerProvider({ spanProcessors: [pandaProbeSpanProcessor({ client })] });
const start = (name, attributes, parent, scope = 'test') => {
  const span = provider.getTracer(scope).startSpan(name, { attributes }, parent);
  return { span, context: trace.setSpan(parent, span) };
};
const browser = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', traceFlags: TraceFlags.SAMPLED };
const before = trace.setSpanContext(ROOT_CONTEXT, { ...browser, isRemote: true });
const usage = { 'gen_ai.usage.input_tokens': 12, 'gen_ai.usage.output_tokens': 3 };
const request = start('POST /chat', { 'http.route': '/chat' }, before, 'next.js');
const agent = start('ask', { 'ai.operationId': 'ai.streamText', ...usage }, request.context, 'ai');
const fetching = start('fetch', {}, agent.context, 'next.js');
const call = start('chat', { 'gen_ai.operation.name': 'chat', ...usage }, fetching.context, 'gen_ai');
for (const { span } of [fetching, agent, request, call]) span.end();
console.log(memory.tree());
console.log(memory.traces[0].traceId.replaceAll('-', '') === browser.traceId);
console.log(memory.traces[0].spans.map(({ tokenUsage }) => tokenUsage?.prompt_tokens ?? 0).join());
await provider.shutdown();
await client.shutdown();
`;

/** Our span is the parent of one of OpenTelemetry's, and both exporters send what is below it. */
const exporting = `
import * as api from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter as Json } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as Proto } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { init, MemorySink, shutdown, withTrace } from 'pandaprobe-ts';
import { bridgeOpenTelemetry } from 'pandaprobe-ts/opentelemetry';

const { context, trace } = api;
init({ sinks: [new MemorySink()] });
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
bridgeOpenTelemetry(api);
const url = process.env.LOCAL_URL + '/v1/traces';
const headers = { 'x-project-name': 'spec' };
const spanProcessors = [Json, Proto].map((Exporter) => new BatchSpanProcessor({ exporter: new Exporter({ url, headers }) }));
const provider = new TracerProvider({ spanProcessors });
const ids = withTrace('app', () => {
  const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': 12, 'gen_ai.usage.output_tokens': 3 };
  const span = provider.getTracer('gen_ai').startSpan('chat', { attributes });
  span.end();
  return { ours: trace.getSpanContext(context.active())?.traceId, theirs: span.spanContext().traceId };
});
await provider.shutdown();
await shutdown();
console.log(JSON.stringify(ids));
`;

describe('Spans of OpenTelemetry JS 3', () => {
  let project: Project;
  before(async function () {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    if (major < 22 || (major === 22 && minor < 15)) {
      console.log('      left out: OpenTelemetry JS 3 needs Node 22.15');
      this.skip();
    }
    project = await startProject(this, {
      '@opentelemetry/api': '1.10.0',
      '@opentelemetry/context-async-hooks': '3.1.1',
      '@opentelemetry/exporter-trace-otlp-http': '0.301.0',
      '@opentelemetry/exporter-trace-otlp-proto': '0.301.1',
      '@opentelemetry/sdk-trace': '3.1.1',
    });
  });
  after(() => project?.remove());

  it('become one trace, with what is not of an agent left out, and tokens once', async () => {
    await project.write({ 'program.mjs': program });
    expect((await printed(project.node(['program.mjs']))).trimEnd().split('\n')).to.deep.equal([
      ...['ask', '└─ ask AGENT', '   └─ chat LLM', 'true', '0,12'],
    ]);
  });

  it('have our span as their parent, and come to the local server by both exporters', async () => {
    await using running = await startRunning();
    await project.write({ 'exporting.mjs': exporting });
    const { ours, theirs } = JSON.parse(
      await printed(project.node(['exporting.mjs'], { LOCAL_URL: running.server.url })),
    );
    expect(theirs).to.equal(ours);
    const { body } = await running.call('GET', `/traces/${theirs}`, undefined, known);
    expect(body).to.include({ total_tokens: 15 });
    expect(body.spans.map(({ name, kind }: { name: string; kind: string }) => `${name} ${kind}`)).to.deep.equal([
      'chat LLM',
    ]);
  });
});
