import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { Client } from '../../lib/index.js';
import { root, startRunning } from '../support/local-server.js';

/** As a conversation: anything else is stored as well, with a warning. */
const said = (content: string) => ({ messages: [{ role: 'user', content }] });

describe('Local server, with the SDK', () => {
  it('accepts traces of the built package, as the backend does', async () => {
    await using running = await startRunning();
    const { PATH = '' } = process.env;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(root, 'spec/local/record.mjs')], {
      env: {
        PATH,
        PANDAPROBE_ENDPOINT: running.server.url,
        PANDAPROBE_API_KEY: 'sk_pp_any',
        PANDAPROBE_PROJECT_NAME: 'spec',
      },
    });
    expect(stderr).to.equal('');
    const { body } = await running.call('GET', `/traces/${stdout.trim()}`);
    expect(body).to.include({
      name: 'checkout',
      status: 'COMPLETED',
      session_id: 'cart-1',
      total_tokens: 12,
      total_cost: 0.01,
    });
    const [plan, ask] = body.spans;
    expect([plan.name, plan.parent_span_id, ask.name, ask.parent_span_id]).to.deep.equal([
      'plan',
      null,
      'ask',
      plan.span_id,
    ]);
    const { body: scores } = await running.call('GET', `/evaluations/trace-scores/${stdout.trim()}`);
    expect(scores[0]).to.include({ name: 'paid', value: 'true', data_type: 'BOOLEAN', source: 'PROGRAMMATIC' });
  });

  it('loses no value to a repeat: spans that end late, long traces and repeated requests arrive complete', async () => {
    await using running = await startRunning();
    const client = new Client({ apiKey: 'k', projectName: 'spec', endpoint: running.server.url, worker: 'inline' });
    const t = client.trace('whole', { input: said('in') }).setOutput(said('out'));
    const late = t.span('late', { kind: 'LLM', model: 'm' });
    late
      .setInput(said('asked'))
      .setModelParameters({ temperature: 0 })
      .setTokenUsage({ promptTokens: 3 })
      .setCost({ total: 0.5 });
    for (let i = 0; i < 1203; i += 1) t.span(`s${i}`).setInput({ i }).setOutput([i]).end();
    t.end();
    await client.flush();
    late.setOutput(said('answered')).end();
    expect(await client.shutdown()).to.include({ ok: true, delivered: 2 });
    const { body } = await running.call('GET', `/traces/${t.traceId}`);
    expect(body).to.deep.include({ input: said('in'), output: said('out'), total_tokens: 3, total_cost: 0.5 });
    expect(body.spans).to.have.length(1204);
    const spans = new Map<string, Record<string, unknown>>(
      body.spans.map((span: { name: string }) => [span.name, span]),
    );
    expect(spans.get('late')).to.deep.include({
      input: said('asked'),
      output: said('answered'),
      model_parameters: { temperature: 0 },
      token_usage: { prompt_tokens: 3, completion_tokens: 0 },
      cost: { total: 0.5 },
    });
    for (let i = 0; i < 1203; i += 1) expect(spans.get(`s${i}`)).to.deep.include({ input: { i }, output: [i] });
  });
});
