import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { known, startRunning, temporaryFolder } from '../support/local-server.js';
import { pythonWith } from '../support/python.js';

const run = promisify(execFile);

const program = `
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
tracer = provider.get_tracer('opentelemetry.instrumentation.openai')
usage = {'gen_ai.usage.input_tokens': 12, 'gen_ai.usage.output_tokens': 3}
with tracer.start_as_current_span('agent', attributes={'gen_ai.operation.name': 'invoke_agent', **usage}):
    with tracer.start_as_current_span('chat', attributes={'gen_ai.operation.name': 'chat', **usage}):
        pass
provider.shutdown()
`;

describe("The exporter of OpenTelemetry's Python SDK", () => {
  it('shows its traces in the local server, with two variables set', async function () {
    await using folder = await temporaryFolder();
    const packages = ['opentelemetry-sdk==1.45.0', 'opentelemetry-exporter-otlp-proto-http==1.45.0'];
    const python = await pythonWith(this, folder.path, packages);
    await using running = await startRunning();
    const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: running.server.url, OTEL_SERVICE_NAME: 'python agent' };
    await run(python, ['-c', program], { env });
    const headers = { ...known, 'X-Project-Name': 'python agent' };
    const { body } = await running.call('GET', '/traces', undefined, headers);
    expect(body.items).to.have.length(1);
    expect(body.items[0]).to.include({ name: 'agent', span_count: 2, total_tokens: 15 });
  });
});
