import { expect } from 'chai';
import { Client } from '../../lib/client/client.js';
import { MemorySink } from '../../lib/client/sinks/memory-sink.js';
import { needFrameworks } from './support/installed.js';
import { agent, chat, type Sdk, type Start, sdks, starter } from './support/otel-sdks.js';
import { statusTree } from './support/status-tree.js';

for (const [version, open] of Object.entries(sdks)) {
  describe(`Spans of OpenTelemetry JS ${version}`, () => {
    let memory: MemorySink;
    let client: Client;
    let sdk: Sdk;
    let start: Start;
    before(function () {
      needFrameworks(this);
    });
    beforeEach(async () => {
      memory = new MemorySink();
      client = new Client({ sinks: [memory], environment: 'test' }, {});
      sdk = await open({ client });
      start = await starter(sdk);
    });
    afterEach(async () => {
      await sdk?.shutdown();
      await client?.shutdown();
    });

    it('become one trace when none of them is open, with the id that they had', () => {
      const root = start('agent', { ...agent, 'session.id': 's1', 'user.id': 'u1' });
      const call = start('chat', { ...chat, 'gen_ai.request.model': 'gpt-5.4' }, root.context);
      call.set({ 'gen_ai.usage.input_tokens': 12, 'gen_ai.usage.output_tokens': 3 });
      call.end();
      expect(memory.traces).to.have.length(0);
      root.end();
      expect(statusTree(memory.traces)).to.equal(
        ['agent COMPLETED', '  agent AGENT UNSET', '    chat LLM gpt-5.4 12+3 UNSET'].join('\n'),
      );
      const [trace] = memory.traces;
      expect(trace?.traceId.replaceAll('-', '')).to.equal(root.traceId);
      expect(trace).to.include({ sessionId: 's1', userId: 'u1', environment: 'test' });
    });

    it('waits for a stream that outlives its root', () => {
      const root = start('agent', agent);
      const call = start('chat', chat, root.context);
      root.end();
      expect(memory.traces).to.have.length(0);
      call.end();
      expect(statusTree(memory.traces)).to.equal('agent COMPLETED\n  agent AGENT UNSET\n    chat LLM UNSET');
    });

    it("leaves out spans that are no agent's, and puts their children in their place", async () => {
      const { trace, ROOT_CONTEXT, TraceFlags } = await import('@opentelemetry/api');
      const browser = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
      const remote = { ...browser, traceFlags: TraceFlags.SAMPLED, isRemote: true };
      const before = trace.setSpanContext(ROOT_CONTEXT, remote);
      const request = start('POST /chat', { 'http.route': '/chat' }, before, '@opentelemetry/instrumentation-http');
      const handler = start('executing api route', {}, request.context, 'next.js');
      const stream = start('ai.streamText', { 'ai.operationId': 'ai.streamText' }, handler.context, 'ai');
      const fetch = start('fetch POST', {}, stream.context, 'next.js');
      const model = start('chat', chat, fetch.context);
      for (const step of [model, fetch, stream, handler, request]) step.end();
      expect(statusTree(memory.traces)).to.equal(
        'ai.streamText COMPLETED\n  ai.streamText AGENT UNSET\n    chat LLM UNSET',
      );
      expect(memory.traces[0]?.traceId.replaceAll('-', '')).to.equal(browser.traceId);
    });

    it('sends nothing of a trace without an agent', () => {
      const request = start('GET /health', { 'http.route': '/health' });
      start('SELECT', { 'db.system': 'postgresql' }, request.context).end();
      request.end();
      expect(memory.traces).to.have.length(0);
      expect(client.stats().created).to.equal(0);
    });

    it('decides at the end of a span, by its attributes at that time', () => {
      const span = start('call');
      span.set(chat);
      span.end();
      expect(memory.traces).to.have.length(1);
    });

    it('counts tokens once if an agent states the sum', () => {
      const usage = { 'gen_ai.usage.input_tokens': 12, 'gen_ai.usage.output_tokens': 3 };
      const root = start('agent', { ...agent, ...usage });
      start('chat', { ...chat, ...usage }, root.context).end();
      root.end();
      expect(statusTree(memory.traces)).to.equal('agent COMPLETED\n  agent AGENT UNSET\n    chat LLM 12+3 UNSET');
    });

    it('is ERROR if a root is, and not if only a step is', () => {
      const first = start('agent', agent);
      const tool = start('tool', { 'gen_ai.operation.name': 'execute_tool' }, first.context);
      tool.fail('no rain');
      tool.end();
      first.end();
      const second = start('agent', agent);
      second.fail('gave up');
      second.end();
      expect(memory.traces.map(({ status }) => status)).to.deep.equal(['COMPLETED', 'ERROR']);
      expect(memory.traces[0]?.spans.map(({ error }) => error)).to.deep.equal([undefined, 'no rain']);
    });

    it('adds spans that start when the trace is over', () => {
      const root = start('turn', agent);
      root.end();
      const after = start('summary', chat, root.context);
      after.end();
      expect(statusTree(memory.traces)).to.equal('turn COMPLETED\n  turn AGENT UNSET\n    summary LLM UNSET');
    });

    it('leaves out spans that are recorded but not sampled', async () => {
      const { trace, ROOT_CONTEXT } = await import('@opentelemetry/api');
      const unsampled = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', traceFlags: 0 };
      start('chat', chat, trace.setSpanContext(ROOT_CONTEXT, unsampled)).end();
      expect(memory.traces).to.have.length(0);
    });
  });
}
