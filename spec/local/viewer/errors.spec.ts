import { expect } from 'chai';
import { type Fields, span, trace, useViewer } from './viewer.js';

/** A failed step below another one. */
function failed(name: string, from: number, to: number, parent: Fields | undefined, error: string, more: Fields = {}) {
  const below = parent === undefined ? {} : { parent_span_id: parent.span_id };
  return span(name, from, to, { kind: 'TOOL', status: 'ERROR', error, ...below, ...more });
}

describe('Viewer: errors', () => {
  const viewer = useViewer();

  it('names the deepest step of the error that ended the run, not the first that failed', async () => {
    const agent = failed('agent', 0, 900, undefined, 'payment failed', {
      metadata: { exception: { type: 'PaymentError', message: 'payment failed', cause: { message: 'card declined' } } },
    });
    const exception = {
      ...{ type: 'TypeError', message: 'fetch failed', stack: 'at charge (pay.ts:7:3)' },
      cause: { type: 'Error', message: 'connect ECONNREFUSED 10.0.0.7:443', code: 'ECONNREFUSED', port: 443 },
    };
    const pay = failed('pay', 400, 800, agent, 'card declined', {
      metadata: { exception: { type: 'Error', message: 'card declined', cause: exception } },
    });
    const spans = [
      ...[agent, failed('search', 10, 200, agent, 'timed out'), pay],
      failed('charge', 500, 700, pay, 'fetch failed', { metadata: { exception } }),
    ];
    const id = await viewer.send(trace('checkout', { status: 'ERROR', metadata: { error: 'payment failed' }, spans }));
    const page = await viewer.open('#/traces');
    await page.getByRole('link', { name: 'checkout' }).first().click(); // the only click it takes
    const box = page.locator('.detail .error-box');
    await box.waitFor();
    expect(await box.locator('strong').allTextContents()).to.deep.equal(['✕ TypeError in charge', 'Caused by Error']);
    expect(await box.locator('pre').first().textContent()).to.equal('fetch failed');
    expect(await box.locator('.cause pre').first().textContent()).to.equal('connect ECONNREFUSED 10.0.0.7:443');
    expect(page.url()).to.include(id);
    expect(await page.locator('.row .failed').allTextContents()).to.deep.equal([
      '✕ error',
      '✕ error',
      '✕ error',
      '✕ error',
    ]);
    expect(await page.locator('.row .caught').allTextContents()).to.deep.equal(['✕ caught']);
    expect(await page.locator('.caught-list').textContent()).to.equal('1 error on the way did not end the run: search');
    await box.getByRole('button', { name: 'charge' }).click();
    await page.locator('.row[aria-selected="true"]', { hasText: 'charge' }).waitFor();
    await page.locator('.detail').getByText('Where it was thrown').click();
    await page.locator('.error-box details pre', { hasText: 'at charge (pay.ts:7:3)' }).waitFor();
  });

  it('names the last of several tries with the same error', async () => {
    const tries = [1, 2, 3].map((n) => failed(`try ${n}`, n * 100, n * 100 + 90, undefined, 'rate limited'));
    const metadata = { error: 'rate limited' };
    const id = await viewer.send(trace('retries', { status: 'ERROR', metadata, spans: tries }));
    const page = await viewer.open(`#/trace/${id}`);
    await page.getByText('in try 3').waitFor();
    expect(await page.locator('.row .caught').count()).to.equal(2);
  });

  it('says that errors were caught if the run went on', async () => {
    const id = await viewer.send(trace('fine', { spans: [failed('search', 10, 200, undefined, 'timed out')] }));
    const page = await viewer.open(`#/trace/${id}`);
    await page.getByText('did not end the run').waitFor();
    expect(await page.locator('.detail .error-box').count()).to.equal(0);
  });

  it('names the error that ended a turn of a session, and a trace without spans', async () => {
    const exception = {
      type: 'TypeError',
      message: 'fetch failed',
      cause: { message: 'getaddrinfo ENOTFOUND db.invalid' },
    };
    await viewer.send(
      trace('alone', { status: 'ERROR', session_id: 's1', metadata: { error: 'fetch failed', exception } }),
    );
    const page = await viewer.open('#/session/s1');
    await page.locator('.turn .error-box', { hasText: 'getaddrinfo ENOTFOUND db.invalid' }).waitFor();
  });

  it('ignores metadata of an error with unexpected types', async () => {
    for (const exception of [
      'text',
      7,
      [],
      { cause: 'why', errors: 'many', stack: 3, type: {} },
      { errors: [null, 1] },
    ]) {
      const spans = [failed('odd', 0, 9, undefined, 'odd', { metadata: { exception } })];
      const id = await viewer.send(trace('odd', { status: 'ERROR', spans }));
      const page = await viewer.open(`#/trace/${id}`);
      await page.locator('.detail .error-box').waitFor();
    }
  });
});
