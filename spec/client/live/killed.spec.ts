import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Client } from '../../../lib/index.js';
import { type Receiver, startReceiver } from '../../support/receiver.js';
import { until } from '../../support/until.js';
import { runProgram, variables } from '../programs.js';

const program = 'spec/client/live/steps.mjs';
const live = { PANDAPROBE_LIVE: 'true' };

/** The names of the agent's spans that have ended, as the backend has them. */
const endedIn = ({ traces }: Receiver) =>
  traces.flatMap(({ spans }) => spans.filter((span) => span.ended_at !== undefined).map(({ name }) => name));

describe('live traces of a program that is killed', () => {
  it('P9 P39 leave their ended spans at the backend, as RUNNING traces', async () => {
    await using receiver = await startReceiver();
    const when = receiver.until(() => endedIn(receiver).includes('step 4'));
    const { signal } = await runProgram([program, '4', '100'], {
      env: { ...variables(receiver.url), ...live },
      until: { signal: 'SIGKILL', when },
    });
    expect(signal).to.equal('SIGKILL');
    expect(endedIn(receiver)).to.eql(['step 1', 'step 2', 'step 3', 'step 4']);
    expect(receiver.trace('agent')).to.include({ status: 'RUNNING' });
  });

  it('P9 leave their ended spans in the spool for the next process, if the backend is down', async () => {
    const spoolDir = mkdtempSync(join(tmpdir(), 'pandaprobe-live-'));
    const onDisk = () =>
      (readdirSync(spoolDir, { recursive: true }) as string[])
        .filter((name) => name.endsWith('.spool'))
        .map((name) => readFileSync(join(spoolDir, name), 'utf8'))
        .join('');
    try {
      await using receiver = await startReceiver();
      await receiver.refuse();
      const when = until(() => /"name":"step 2"[^{}]*"ended_at"/.test(onDisk()));
      const env = { ...variables(receiver.url), ...live, PANDAPROBE_SPOOL_DIR: spoolDir };
      const { signal } = await runProgram([program, '2', '20'], { env, until: { signal: 'SIGKILL', when } });
      expect(signal).to.equal('SIGKILL');

      await receiver.listen();
      const options = {
        endpoint: receiver.url,
        apiKey: 'sk_pp_key',
        projectName: 'specs',
        spoolDir,
        worker: 'inline',
      } as const;
      const next = new Client(options);
      const result = await next.shutdown();
      expect(endedIn(receiver)).to.eql(['step 1', 'step 2']);
      expect(result).to.include({ ok: true, failed: 0, pending: 0 });
    } finally {
      rmSync(spoolDir, { recursive: true, force: true });
    }
  });
});
