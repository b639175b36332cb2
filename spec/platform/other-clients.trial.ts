import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { known, type Running, startRunning, temporaryFolder } from '../support/local-server.js';
import { pythonWith } from '../support/python.js';

/*
 * The platform's own clients against the local server: all that needs no judge model is answered.
 */

const run = promisify(execFile);
const absent = '11111111-1111-4111-8111-111111111111';

const python = `
import asyncio, json, sys
import pandaprobe
from pandaprobe.api import PlatformClient, NotFoundError, CreationOutcomeUnknown, InvalidResponseError

client = pandaprobe.init()

async def main():
    seen = {}
    with client.capture_traces(session_id='captured') as capture:
        for name in ('first', 'second'):
            with pandaprobe.start_trace(name) as trace:
                with trace.span('step', kind='LLM') as span:
                    span.set_output('done')
    client.flush()
    seen['captured'] = len(capture.trace_ids)
    async with PlatformClient(client) as platform:
        trace = await platform.traces.wait_visible(capture.trace_ids[0], timeout=20)
        seen['trace'] = [trace.name, trace.status, trace.session_id, [span.name for span in trace.spans]]
        seen['total'] = (await platform.traces.list(session_id='captured', status='COMPLETED', limit=1)).total
        seen['iterated'] = sorted([item.name async for item in platform.traces.iterate(session_id='captured')])
        seen['metrics'] = await platform.evaluations.metrics()
        for name, call in {
            'absent trace': platform.traces.get('${absent}'),
            'absent run': platform.evaluations.get('${absent}'),
            'scores of it': platform.evaluations.scores('${absent}'),
            'create': platform.evaluations.create(capture.trace_ids, ['quality']),
        }.items():
            try:
                seen[name] = str(await call)
            except Exception as error:
                seen[name] = [type(error).__name__, str(error)]
    print(json.dumps(seen))

asyncio.run(main())
client.shutdown()
`;

describe("The platform's own clients, with the local server", () => {
  let running: Running;
  let env: NodeJS.ProcessEnv;
  beforeEach(async () => {
    running = await startRunning();
    env = {
      ...process.env,
      PANDAPROBE_ENDPOINT: running.server.url,
      PANDAPROBE_API_KEY: 'sk_pp_any',
      PANDAPROBE_PROJECT_NAME: 'spec',
    };
  });
  afterEach(() => running[Symbol.asyncDispose]());

  it('serves the Python SDK 0.6.0: traces are captured, waited for and read; a created evaluation alone is refused', async function () {
    await using folder = await temporaryFolder();
    const python3 = await pythonWith(this, folder.path, ['pandaprobe==0.6.0']);
    const { stdout } = await run(python3, ['-c', python], { env });
    expect(JSON.parse(stdout)).to.deep.equal({
      captured: 2,
      trace: ['first', 'COMPLETED', 'captured', ['step']],
      total: 2,
      iterated: ['first', 'second'],
      metrics: [],
      'absent trace': ['NotFoundError', 'Platform request failed with HTTP 404'],
      'absent run': ['NotFoundError', 'Platform request failed with HTTP 404'],
      'scores of it': ['NotFoundError', 'Platform request failed with HTTP 404'],
      create: ['CreationOutcomeUnknown', 'Creation returned HTTP 501; the run may exist'],
    });
  });

  it("serves the platform's command line: what needs a judge model alone is refused", async function () {
    await using folder = await temporaryFolder();
    // A binary that is already there, such as one built from a clone, is taken first: the module may not be to be had.
    let cli = process.env.PANDAPROBE_CLI;
    if (cli === undefined) {
      const goEnv = { ...process.env, GOBIN: folder.path, GOFLAGS: '-mod=mod' };
      try {
        await run('go', ['install', 'github.com/chirpz-ai/pandaprobe-cli@v0.2.0'], { env: goEnv });
      } catch (error) {
        console.log(`      left out: ${String(error).split('\n', 3).join(' ').slice(0, 200)}`);
        this.skip();
      }
      cli = join(folder.path, 'pandaprobe-cli');
    }
    const trace_id = '0190a5e2-7f3b-7c4d-8a1e-5b6c7d8e9f00';
    const started_at = '2026-11-01T10:00:00.000Z';
    const ended_at = '2026-11-01T10:00:02.000Z';
    const span = {
      span_id: '0190a5e2-7f3b-7c4d-8a1e-5b6c7d8e9f01',
      name: 'step',
      kind: 'LLM',
      status: 'OK',
      started_at,
      ended_at,
    };
    const trace = {
      trace_id,
      name: 'a run',
      status: 'COMPLETED',
      session_id: 's-1',
      started_at,
      ended_at,
      spans: [span],
    };
    expect((await running.call('POST', '/traces', trace, known)).status).to.equal(202);

    const call = async (...args: string[]) => {
      const at = { cwd: folder.path, env: { ...env, HOME: folder.path } };
      const { code, stdout, stderr } = await run(cli, args, at).then(
        (printed) => ({ code: 0, ...printed }),
        (error: { code: number; stdout: string; stderr: string }) => error,
      );
      const text = stdout.trim() === '' ? stderr : stdout;
      return { code, body: JSON.parse(text) };
    };
    const total = (answer: { body: { pagination: { total: number } } }) => answer.body.pagination.total;

    expect(total(await call('traces', 'list', '--session-id', 's-1', '--sort-by', 'latency'))).to.equal(1);
    expect((await call('traces', 'get', trace_id)).body).to.include({ name: 'a run', status: 'COMPLETED' });
    expect((await call('traces', 'spans', trace_id)).code).to.equal(0);
    expect(total(await call('sessions', 'list', '--query', 's-'))).to.equal(1);
    expect((await call('sessions', 'get', 's-1')).code).to.equal(0);
    const score = ['--trace-id', trace_id, '--name', 'quality', '--value', '0.8'];
    expect((await call('evals', 'scores', 'submit', ...score)).code).to.equal(0);
    expect(total(await call('evals', 'scores', 'list', '--trace-id', trace_id))).to.equal(1);
    expect((await call('evals', 'scores', 'get', trace_id)).code).to.equal(0);
    expect((await call('evals', 'metrics')).body).to.deep.equal([]);
    expect(total(await call('evals', 'runs', 'list'))).to.equal(0);
    expect(total(await call('evals', 'monitors', 'list'))).to.equal(0);
    for (const absentOne of [
      ['runs', 'get'],
      ['runs', 'scores'],
      ['monitors', 'get'],
      ['monitors', 'runs'],
    ]) {
      expect((await call('evals', ...absentOne, absent)).body.error).to.include({ status: 404, code: 'not_found' });
    }
    const created = await call('evals', 'runs', 'batch', '--trace-ids', trace_id, '--metrics', 'quality');
    expect(created.body.error).to.include({ status: 501 });
  });
});
