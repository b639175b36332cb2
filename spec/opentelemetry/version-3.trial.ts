import { expect } from 'chai';
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

describe('Spans of OpenTelemetry JS 3', () => {
  let project: Project;
  before(async function () {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    if (major < 22 || (major === 22 && minor < 15)) {
      console.log('      left out: OpenTelemetry JS 3 needs Node 22.15');
      this.skip();
    }
    project = await startProject(this, { '@opentelemetry/api': '1.10.0', '@opentelemetry/sdk-trace': '3.1.1' });
  });
  after(() => project?.remove());

  it('become one trace, with what is not of an agent left out, and tokens once', async () => {
    await project.write({ 'program.mjs': program });
    expect((await printed(project.node(['program.mjs']))).trimEnd().split('\n')).to.deep.equal([
      ...['ask', '└─ ask AGENT', '   └─ chat LLM', 'true', '0,12'],
    ]);
  });
});
