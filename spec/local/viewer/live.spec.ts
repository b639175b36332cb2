import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { at, type Fields, span, trace, useViewer } from './viewer.js';

/** The page's first connection for changes fails. */
const failFirstEvents = `{
  const real = fetch;
  let isFirst = true;
  window.fetch = (...args) => {
    if (!isFirst || args[0] !== '/local/events') return real(...args);
    isFirst = false;
    return Promise.reject(new TypeError('failed by the spec'));
  };
}`;

describe('Viewer: live', () => {
  const viewer = useViewer();

  it('lets a running trace grow, and keeps what is selected and folded', async () => {
    const now = Date.now();
    const time = (ms: number) => new Date(now + ms).toISOString();
    const agent: Fields = { ...span('agent', 0, undefined), kind: 'AGENT', status: 'UNSET', started_at: time(0) };
    const step = (name: string, from: number) => ({
      ...span(name, 0, 1),
      parent_span_id: agent.span_id,
      started_at: time(from),
      ended_at: time(from + 10),
    });
    const id = await viewer.send(
      trace('long run', {
        status: 'RUNNING',
        started_at: time(0),
        ended_at: undefined,
        spans: [agent, step('first', 1)],
      }),
    );
    const page = await viewer.open(`#/trace/${id}`);
    await page.locator('#live', { hasText: 'live' }).waitFor();
    await page.locator('.row', { hasText: 'first' }).click();
    expect(await page.locator('.row', { hasText: 'agent' }).locator('.took').textContent()).to.equal('running');

    await viewer.sendSpans(id, [step('second', 20)]);
    await page.locator('.row', { hasText: 'second' }).waitFor();
    await viewer.sendSpans(id, [step('third', 40)]);
    await page.locator('.row', { hasText: 'third' }).waitFor();
    expect(await page.locator('.detail h2').textContent()).to.equal('first');
    expect(await page.locator('.row[aria-selected="true"] .name').textContent()).to.equal('first');

    await page.locator('.row', { hasText: 'agent' }).locator('.twisty').click();
    await viewer.patch(id, {
      status: 'COMPLETED',
      ended_at: time(3000),
      output: { messages: [{ role: 'assistant', content: 'done' }] },
    });
    await page.locator('.trace-head .status', { hasText: 'completed' }).waitFor();
    expect(await page.locator('.row .name').allTextContents()).to.deep.equal(['long run', 'agent']);
  });

  it('keeps the scroll position of the tree', async () => {
    const now = new Date().toISOString();
    const open = (name: string): Fields => ({ ...span(name, 0, undefined), started_at: now });
    const spans = Array.from({ length: 200 }, (_, at) => open(`step ${at}`));
    const id = await viewer.send(trace('scrolled', { status: 'RUNNING', started_at: now, ended_at: undefined, spans }));
    const page = await viewer.open(`#/trace/${id}?span=${spans[3]?.span_id}`);
    await page.locator('.detail h2', { hasText: 'step 3' }).waitFor();
    await page.locator('#live', { hasText: 'live' }).waitFor();
    await page.evaluate('document.querySelector(".tree").scrollTop = 2800');
    await viewer.sendSpans(id, [open('one more')]);
    await page.locator('.fact', { hasText: 'Spans201' }).waitFor();
    expect(await page.evaluate('document.querySelector(".tree").scrollTop')).to.equal(2800);
  });

  it('puts a new trace into the open list, and leaves the focus where it is', async () => {
    const page = await viewer.open('#/traces?q=item');
    await page.locator('#live', { hasText: 'live' }).waitFor();
    await viewer.send(trace('item 1'));
    await page.getByRole('link', { name: 'item 1' }).focus();
    await viewer.send(trace('item 2', { started_at: at(5000), ended_at: at(6000) }));
    await viewer.send(trace('other'));
    await page.locator('tbody tr:first-child', { hasText: 'item 2' }).waitFor();
    expect(await page.locator('tbody tr').count()).to.equal(2);
    expect(await page.evaluate('document.activeElement.textContent')).to.equal('item 1');
  });

  it('adds to an open session', async () => {
    await viewer.send(trace('turn 1', { session_id: 's-1' }));
    const page = await viewer.open('#/session/s-1');
    await page.locator('.turn').first().waitFor();
    await page.locator('#live', { hasText: 'live' }).waitFor();
    await viewer.send(trace('turn 2', { session_id: 's-1', started_at: at(9000), ended_at: at(9500) }));
    await page.locator('.turn', { hasText: 'turn 2' }).waitFor();
  });

  it('says when the server is gone, and catches up when it is back', async () => {
    const page = await viewer.open('#/traces?q=late');
    await page.locator('#live', { hasText: 'live' }).waitFor();
    const port = Number(new URL(viewer.url).port);
    viewer.forgive(); // Chromium reports the lost connection
    await viewer.stopServer();
    await page.locator('#live', { hasText: 'offline' }).waitFor();
    await viewer.startServer(port);
    await viewer.send(trace('late one'));
    await page.getByRole('link', { name: 'late one' }).waitFor();
    await page.locator('#live', { hasText: 'live' }).waitFor();
  });

  it('is live in more windows than the connections a browser opens to one server', async () => {
    const name = `window ${randomUUID()}`; // also when it is tried again
    await viewer.send(trace(name));
    const first = await viewer.open('#/traces');
    const pages = [first];
    for (let more = 0; more < 7; more += 1) {
      const page = await first.context().newPage();
      page.setDefaultTimeout(20_000);
      await page.goto(`${viewer.url}/#/traces`);
      await page.getByRole('link', { name, exact: true }).waitFor();
      await page.locator('#live', { hasText: 'live' }).waitFor();
      pages.push(page);
    }
    await viewer.send(trace(`another ${name}`));
    await Promise.all(pages.map((page) => page.getByRole('link', { name: `another ${name}` }).waitFor()));
  });

  for (const [when, script, state] of [
    ['had connected', '', 'live'],
    ['had never connected', failFirstEvents, 'offline'],
  ] as const) {
    it(`opens a page that was asked for while the server was gone, once it is back, where it ${when}`, async () => {
      await viewer.send(trace('there before'));
      const page = await viewer.open('#/traces', {}, script);
      await page.getByRole('link', { name: 'there before' }).first().waitFor();
      await page.waitForFunction("document.querySelector('#project').value === 'demo'"); // changes are followed from here on
      await page.locator('#live', { hasText: state }).waitFor();
      const port = Number(new URL(viewer.url).port);
      viewer.forgive(); // Chromium reports the lost connection, and the module
      await viewer.stopServer();
      await page.evaluate("location.hash = '#/charts'");
      await page.getByText('The server does not answer').first().waitFor();
      await viewer.startServer(port);
      await page.getByRole('heading', { name: 'Tokens' }).first().waitFor();
    });
  }

  it('asks for the key of a server that has one, and remembers it until the tab is closed', async () => {
    await viewer.send(trace('locked'));
    const port = Number(new URL(viewer.url).port);
    viewer.forgive(); // Chromium reports the 401 and the lost connection
    await viewer.stopServer();
    await viewer.startServer(port, 'open-sesame');
    const page = await viewer.open('#/traces?q=locked');
    await page.getByRole('textbox', { name: 'Key' }).fill('open-barley');
    await page.keyboard.press('Enter');
    await page.getByText('That is not the key of this server').waitFor();
    await page.getByRole('textbox', { name: 'Key' }).fill('open-sesame');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'locked' }).waitFor();
    await page.locator('#live', { hasText: 'live' }).waitFor();
    await page.reload();
    await page.getByRole('link', { name: 'locked' }).waitFor();
    await viewer.stopServer();
    await viewer.startServer(port);
  });

  it('finds a trace of another project, and a trace that is stored a moment later', async () => {
    const id = await viewer.send(trace('elsewhere'), 'another');
    const page = await viewer.open(`#/trace/${id}`);
    await page.getByRole('heading', { level: 1, name: 'elsewhere' }).waitFor();
    expect(await page.getByLabel('Project').inputValue()).to.equal('another');
    const soon = '0192f0c1-2345-7abc-8def-0123456789ab';
    await page.goto(`${viewer.url}/#/trace/${soon}?project=demo`);
    await page.getByText('There is no such trace').waitFor();
    await viewer.send(trace('just now', { trace_id: soon }));
    await page.getByRole('heading', { level: 1, name: 'just now' }).waitFor();
    viewer.forgive(); // Chromium reports the 404
  });
});
