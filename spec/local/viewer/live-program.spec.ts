import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { useViewer } from './viewer.js';

const program = fileURLToPath(new URL('live-steps.mjs', import.meta.url));
const steps = 4;

describe('Viewer: a running program', () => {
  const viewer = useViewer();

  // How soon: spec/bench/live.bench.ts.
  it('shows it as running before it ends, and each step as it ends, without being loaded anew', async () => {
    const name = `live agent ${randomUUID()}`; // also when it is tried again
    const page = await viewer.open('#/traces');
    await page.locator('#live', { hasText: 'live' }).waitFor();
    await page.evaluate('window.isTheSame = true');
    const child = spawn(process.execPath, [program, String(steps), name], {
      env: {
        ...process.env,
        ...{ PANDAPROBE_ENDPOINT: viewer.url, PANDAPROBE_API_KEY: 'any', PANDAPROBE_PROJECT_NAME: 'demo' },
        PANDAPROBE_LIVE: 'true',
      },
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const ended = once(child, 'close');
    try {
      await page.locator('tbody tr', { hasText: name }).locator('.status', { hasText: 'running' }).waitFor();
      await page.getByRole('link', { name }).click();
      const took = (step: number) => page.locator('.row', { hasText: `step ${step}` }).locator('.took');
      for (let step = 1; step <= steps; step += 1) {
        await took(step).filter({ hasText: 'running' }).waitFor();
        expect(child.exitCode).to.equal(null);
        await page.locator('.trace-head .status', { hasText: 'running' }).waitFor();
        child.stdin.write('\n');
        await took(step).filter({ hasText: /\d/ }).waitFor();
      }
      await page.locator('.trace-head .status', { hasText: 'completed' }).waitFor();
      expect(await page.locator('.row .name').allTextContents()).to.deep.equal([
        ...[name, 'step 1', 'step 2', 'step 3', 'step 4'],
      ]);
      expect(await page.evaluate('window.isTheSame')).to.equal(true);
      expect((await ended)[0]).to.equal(0);
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
  });
});
