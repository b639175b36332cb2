import { expect } from 'chai';
import { type Fields, span, trace, useViewer } from './viewer.js';

describe('Viewer: a run that goes on', () => {
  const viewer = useViewer();

  it('keeps unfolded details open, and shows how long a running step has taken so far', async () => {
    const now = new Date().toISOString();
    const output = { first: { inner: { deepest: 'treasure' } } };
    const step: Fields = { ...span('step', 0, undefined, { output }), started_at: now };
    const run = { status: 'RUNNING', started_at: now, ended_at: undefined, spans: [step], output };
    const id = await viewer.send(trace('goes on', run));
    for (const place of [`#/trace/${id}`, `#/trace/${id}?span=${step.span_id}`]) {
      const page = await viewer.open(place);
      await page.locator('.detail details:not([open])', { hasText: 'inner' }).last().locator('summary').click();
      await page.getByText('treasure', { exact: true }).waitFor();
      const took = () => page.locator('.detail dd').first().textContent();
      const before = await took();
      const usage = { token_usage: { prompt_tokens: 3 } };
      await viewer.sendSpans(id, [{ ...span(`another of ${place}`, 0, 1, usage), parent_span_id: step.span_id }]);
      await page.waitForTimeout(2500);
      expect(await page.getByText('treasure', { exact: true }).isVisible(), place).to.equal(true);
      if (!place.includes('span=')) continue;
      expect(before).to.match(/^running, .* so far$/);
      expect(await took())
        .to.match(/^running, .* so far$/)
        .and.not.equal(before);
      expect(await page.locator('.detail dd').allTextContents()).to.include('2 steps');
    }
  });
});
