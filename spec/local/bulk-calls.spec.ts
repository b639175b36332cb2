import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { callAt, id, known, type Running, runCli, span, startRunning, trace } from '../support/local-server.js';

const lines = { ...known, 'Content-Type': 'application/x-ndjson' };
const score = { name: 'good', value: '1', source: 'PROGRAMMATIC', reason: 'for once' };

function text(...traces: readonly object[]): string {
  return traces.map((each) => `${JSON.stringify(each)}\n`).join('');
}

describe('Calls for many traces', () => {
  let running: Running;

  beforeEach(async () => {
    running = await startRunning();
  });
  afterEach(() => running[Symbol.asyncDispose]());

  const count = async () => (await running.call('GET', '/traces')).body.total;
  const exported = async (...ids: readonly string[]) => {
    const { text: body } = await running.call('POST', '/local/export', { trace_ids: ids });
    return body.split('\n').map((line) => JSON.parse(line));
  };

  it('accepts one trace per line, and returns each with its spans and scores', async () => {
    const scores = [{ ...score, value: '0' }, score];
    const given = text(trace(1, { spans: [span(11), span(12)], scores }), trace(2));
    const answer = await running.call('POST', '/local/import', given, lines);
    expect([answer.status, answer.body]).to.deep.equal([200, { imported: 2 }]);
    const [two, none, one] = await exported(id(2), id(9), id(1));
    expect([two.trace_id, two.project, two.scores, none]).to.deep.equal([id(2), 'spec', [], null]);
    expect(one).to.deep.equal({
      project: 'spec',
      ...(await running.call('GET', `/traces/${id(1)}`)).body,
      scores: one.scores,
    });
    // The latest comes first, as it was.
    expect(one.scores.map(({ value }: { value: string }) => value)).to.deep.equal(['0', '1']);
    await running.call('POST', '/local/import', given, lines);
    expect((await exported(id(1)))[0]).to.deep.equal(one);
  });

  it('stores nothing when a line is wrong', async () => {
    for (const wrong of [
      { ...trace(2), started_at: 'never' },
      trace(2, { scores: [{ ...score, value: '7' }] }),
      trace(2, { name: 'a\0b' }),
      [],
    ]) {
      const answer = await running.call('POST', '/local/import', text(trace(1), wrong, trace(3)), lines);
      expect(answer.status, JSON.stringify(wrong)).to.equal(422);
      expect(await count()).to.equal(0);
    }
  });

  it('returns fewer lines than requested if they are long', async () => {
    for (const n of [1, 2, 3]) await running.call('POST', '/traces', trace(n, { input: 'x'.repeat(3_000_000) }));
    expect(await exported(id(1), id(2), id(3))).to.have.lengthOf(2);
    const at = ['--endpoint', running.server.url, '--project', 'spec'];
    expect((await runCli(['export', ...at])).out.trimEnd().split('\n')).to.have.lengthOf(3);
  });

  it('imports and exports by the calls of the backend if there are no others', async () => {
    const asked: string[] = [];
    // A platform: it has no calls of ours.
    const platform = http.createServer(async (request, response) => {
      const call = `${request.method} ${request.url}`;
      asked.push(call);
      let body = '';
      for await (const chunk of request) body += chunk;
      const isOurs = call.includes('/local/');
      const answer = isOurs
        ? undefined
        : await callAt(running.server.url, `${request.method}`, `${request.url}`, body || undefined);
      response.writeHead(answer?.status ?? 404, { 'Content-Type': 'application/json' });
      response.end(answer?.text ?? '{"detail": "Not Found"}');
    });
    await new Promise<void>((resolve) => platform.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = platform.address() as AddressInfo;
      const at = ['--endpoint', `http://127.0.0.1:${port}`, '--project', 'spec'];
      const given = text(trace(1, { spans: [span(11)], scores: [score] }), trace(2));
      expect((await runCli(['import', ...at], given)).err).to.equal('2 traces imported into project spec\n');
      const there = await runCli(['export', ...at]);
      expect([there.code, asked.filter((call) => call.startsWith('POST /traces'))]).to.deep.equal([
        ...[0, ['POST /traces', 'POST /traces']],
      ]);
      const here = await runCli(['export', '--endpoint', running.server.url, '--project', 'spec']);
      expect(here.out).to.equal(there.out);
      expect(there.out.trimEnd().split('\n')).to.have.lengthOf(2);
    } finally {
      platform.closeAllConnections();
      platform.close();
    }
  });

  it('says which line is wrong, and how many traces came before it', async () => {
    const at = ['--endpoint', running.server.url, '--project', 'spec'];
    const wrong = `${text(trace(1))}\n${text(trace(2))}{"trace_id": 7}\n${text(trace(3))}`;
    const { code, err } = await runCli(['import', ...at], wrong);
    expect(code).to.equal(1);
    expect(err).to.match(/^pandaprobe-ts: line 4: The server answered 422: .*name.*[(][23] traces imported[)]\n$/);
    const none = await runCli(['import', ...at], `${text(trace(4))}no JSON\n`);
    expect(none.err).to.match(/^pandaprobe-ts: line 2: .*JSON.*[(]1 trace imported[)]\n$/);
  });

  it('reads a text with a line separator as a part of its line', async () => {
    const at = ['--endpoint', running.server.url, '--project', 'spec'];
    const input = 'one\u2028two\u2029three\u0085four';
    expect((await runCli(['import', ...at], text(trace(1, { input })))).err).to.include('1 trace imported');
    expect((await exported(id(1)))[0].input).to.equal(input);
  });
});
