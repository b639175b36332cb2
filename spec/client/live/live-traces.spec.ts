import { expect } from 'chai';
import { Client, type Options } from '../../../lib/index.js';
import { checkBody } from '../../support/contract.js';
import { type Receiver, type StoredTrace, startReceiver } from '../../support/receiver.js';

/** A trace as a reader of the backend sees it: without what differs from run to run. */
const spanNames = (trace: StoredTrace | undefined) => trace?.spans.map(({ name }) => name) ?? [];

describe('live traces', () => {
  let receiver: Receiver;
  let client: Client;

  beforeEach(async () => {
    receiver = await startReceiver({ check: checkBody });
  });
  afterEach(async () => {
    await client.shutdown({ timeoutMs: 0 });
    await receiver.close();
    expect(receiver.problems).to.eql([]);
  });

  const clientTo = (options: Options = {}) =>
    new Client({
      apiKey: 'sk_pp_key',
      projectName: 'specs',
      endpoint: receiver.url,
      worker: 'inline',
      live: 'auto',
      ...options,
    });
  const stored = (name: string) => receiver.traces.find((trace) => trace.name === name);

  it('shows a trace as RUNNING with its open spans, then each span as it ends, then the trace as it ended', async () => {
    client = clientTo();
    const t = client.trace('agent', { input: { messages: [{ role: 'user', content: 'Why?' }] } });
    const plan = t.span('plan', { kind: 'LLM', model: 'gpt-5.4', input: { messages: [] } });
    await receiver.until(() => spanNames(stored('agent')).length === 1);
    expect(stored('agent')).to.include({ status: 'RUNNING' }).and.not.have.property('ended_at');
    expect(stored('agent')?.spans[0]).to.include({ name: 'plan', status: 'UNSET', model: 'gpt-5.4' });
    expect(stored('agent')?.spans[0]).not.to.have.property('ended_at');

    plan.end();
    await receiver.until(() => stored('agent')?.spans[0]?.ended_at !== undefined);
    expect(stored('agent')?.spans[0]).to.include({ status: 'OK' });
    expect(stored('agent')).to.include({ status: 'RUNNING' });

    t.setOutput({ messages: [{ role: 'assistant', content: 'So.' }] }).end();
    await receiver.until(() => stored('agent')?.status === 'COMPLETED');
    expect(stored('agent')?.output).to.eql({ messages: [{ role: 'assistant', content: 'So.' }] });
    await client.flush();
    expect(client.stats()).to.include({ created: 1, delivered: 1, pending: 0, failed: 0 });
  });
});
