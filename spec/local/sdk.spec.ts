import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { root, startRunning } from './running.js';

describe('Local server, with the SDK', () => {
  it('takes what the built package records, as the backend does', async () => {
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
});
