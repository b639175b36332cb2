import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { id, type Running, span, startRunning, temporaryFolder, trace } from '../support/local-server.js';
import { runHere } from './run-here.js';

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

describe('Errors in the output of commands', () => {
  let running: Running;
  before(async () => {
    running = await startRunning();
  });
  after(() => running[Symbol.asyncDispose]());

  it('says why a run failed, even if another error caused it, or no span has the error', async () => {
    const exception = {
      ...{ type: 'TypeError', message: 'fetch failed' },
      cause: {
        type: 'AggregateError',
        message: '',
        code: 'ECONNREFUSED',
        errors: [{ message: 'connect ECONNREFUSED ::1:99' }],
      },
    };
    const call = span(71, { status: 'ERROR', error: 'fetch failed', metadata: { exception } });
    const own = { error: 'all failed', exception: { errors: [{ message: 'one' }, { message: 'two' }] } };
    await running.call(
      'POST',
      '/traces',
      trace(71, { name: 'why', status: 'ERROR', spans: [call], metadata: { error: 'fetch failed' } }),
    );
    await running.call('POST', '/traces', trace(72, { name: 'whole', status: 'ERROR', spans: [], metadata: own }));
    const of = async (n: number) => lines((await runHere(`show ${id(n)}`, { endpoint: running.server.url })).out);
    expect(await of(71)).to.satisfy(
      ([head = '', line = '']) =>
        !head.includes('fetch') && line.endsWith('ERROR fetch failed (ECONNREFUSED; connect ECONNREFUSED ::1:99)'),
    );
    expect((await of(72))[0]).to.include('ERROR all failed (one; two)');
  });

  it('prints control characters of a file as text, so that it cannot change the terminal', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'odd.jsonl');
    const from = (text: string) => {
      writeFileSync(file, text);
      return runHere(`import ${file}`, { endpoint: running.server.url, project: 'odd' });
    };
    const cleared = '\u001b[2J\u009b31m';
    const copied = await from(JSON.stringify({ ...trace(75), project: `other${cleared}` }));
    expect(copied.err).to.include('they come from project other\\u001b[2J\\u009b31m');
    const wrong = await from(`{"name":${cleared}}`);
    expect([wrong.code, wrong.err]).to.satisfy(
      ([code, err]: [number, string]) => code === 1 && err.startsWith('pandaprobe-ts: line 1: '),
    );
    expect(copied.err + wrong.err).not.to.match(/[\u001b\u009b]/);
  });

  it('suggests a similar command and a similar option', async () => {
    const told = async (args: string) => {
      const { code, err } = await runHere(args, {});
      expect(code).to.equal(2);
      return err;
    };
    expect(await told('lst')).to.include('there is no command lst. Did you mean list?');
    expect(await told('frobnicate'))
      .to.include('There are run,')
      .and.not.include('Did you mean');
    expect(await told('list --staus=ERROR')).to.include('list has no option --staus. Did you mean --status? See');
    expect(await told('list --nothing-like-it')).to.equal(
      'pandaprobe-ts: list has no option --nothing-like-it. See pandaprobe-ts list --help\n',
    );
  });
});
