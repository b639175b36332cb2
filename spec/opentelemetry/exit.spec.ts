import { expect } from 'chai';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { run, settingsFor } from '../support/trial.js';
import { root } from '../support/user-project.js';

/** A call of a model has ended, its agent and the request around it have not. */
const program = `
import { pandaProbeSpanProcessor } from 'pandaprobe-ts/opentelemetry';

const processor = pandaProbeSpanProcessor();
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const span = (spanId, name, parentSpanId, operation) => ({
  name, parentSpanId, events: [], status: { code: 0 }, startTime: [1700000000, spanId], endTime: [1700000000, spanId],
  attributes: operation ? { 'gen_ai.operation.name': operation } : {},
  spanContext: () => ({ traceId, spanId: String(spanId).padStart(16, '0'), traceFlags: 1 }),
});
const request = span(1, 'request');
const agent = span(2, 'agent', '0000000000000001', 'invoke_agent');
const call = span(3, 'call', '0000000000000002', 'chat');
for (const each of [request, agent, call]) processor.onStart(each, undefined);
processor.onEnd(call);
`;

describe('A process with open spans of OpenTelemetry', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver?.close());

  for (const [ending, code, how] of [
    ['runs off the end', '', 0],
    ['calls process.exit(3)', 'process.exit(3);', 3],
    ['gets SIGTERM', "process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000);", 'SIGTERM'],
  ] as const) {
    it(`P1 delivers ended spans, and marks open ones, when the process ${ending}`, async () => {
      const args = ['--input-type=module', '-e', program + code];
      const ended = await run(process.execPath, args, root, settingsFor(receiver.url));
      expect(ended).to.include({ code: how, stdout: '', stderr: '' });
      expect(receiver.traces.map(treeOf)).to.deep.equal(['agent(agent(call))']);
      expect(receiver.traces[0]?.status).to.equal('ERROR');
      const [agent] = receiver.traces[0]?.spans ?? [];
      expect(agent?.metadata).to.include({ 'pandaprobe.unfinished': true });
    });
  }
});
