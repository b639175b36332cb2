import { expect } from 'chai';
import { startAnswering } from '../platform/answers.js';
import { id, known, type Running, span, startRunning, trace } from '../support/local-server.js';
import { runHere } from './run-here.js';

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

describe('Commands during removals', () => {
  let running: Running;
  const put = (body: object, project = 'spec') =>
    running.call('POST', '/traces', body, { ...known, 'X-Project-Name': project });

  before(async () => {
    running = await startRunning();
  });
  after(() => running[Symbol.asyncDispose]());

  it('continue to follow when a project is removed', async () => {
    await put(trace(5), 'followed');
    const ended = runHere('tail --count 1 --project followed', { endpoint: running.server.url });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await running.call('DELETE', '/local/project', undefined, { ...known, 'X-Project-Name': 'followed' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await put(trace(6, { name: 'the next one' }), 'followed');
    const { code, out, err } = await ended;
    expect([code, err]).to.deep.equal([0, '']);
    expect(out).to.include('the next one');
  });

  it('leave out traces that are removed after they were listed', async () => {
    const listed = (n: number) => ({ ...trace(n, { tags: [] }), latency_ms: null, session_id: 's', user_id: null });
    await using platform = await startAnswering(({ path }) => {
      if (path === '/traces') return { body: { items: [listed(1), listed(2)], total: 2 } };
      if (path === `/traces/${id(2)}`)
        return { body: { ...listed(2), spans: [span(9, { kind: 'TOOL', error: null })], input: 'word', output: null } };
      if (path === '/evaluations/trace-scores') return { body: { items: [], total: 0 } };
      return { status: 404, body: { detail: 'Not found.' } };
    });
    for (const args of ['list --text word --json', 'steps --json', 'session s --json', 'export']) {
      const { code, out, err } = await runHere(args, { endpoint: platform.url, project: 'spec' });
      expect(code, `${args}: ${err}`).to.equal(0);
      expect(lines(out), args).to.have.lengthOf(1);
      expect(out).to.include(id(2)).and.not.include(id(1));
    }
  });
});
