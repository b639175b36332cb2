import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { at, type Fields, span, trace, useViewer } from './viewer.js';

const live = (page: Page) => page.locator('#live', { hasText: 'live' }).waitFor();
const tookOf = (page: Page, name: string) => page.locator('.row', { hasText: name }).locator('.took').textContent();
const inTheAxis = `[...document.querySelectorAll('.bar')].every(({ style }) => {
  const [from, size] = ['--from', '--size'].map((name) => Number(style.getPropertyValue(name)));
  return from >= 0 && size >= 0 && from + size <= 1.0001;
})`;

/** Resolves when the modules of every page are there. */
const untilAllIsLoaded = `new Promise((done) => {
  const isThere = (name) => performance.getEntriesByName(location.origin + '/' + name).some(({ responseEnd }) => responseEnd > 0);
  const look = () => ['charts/chart-svg.js', 'charts/model-use.js', 'pages/session.js', 'pages/compare.js'].every(isThere) ? setTimeout(done, 50) : setTimeout(look, 20);
  look();
})`;

describe('Viewer: changes while one works with it', () => {
  const viewer = useViewer();

  it('keeps the text one is typing when something is stored', async () => {
    await viewer.send(trace('first', { session_id: 's-1' }));
    for (const [hash, typed] of [
      ['#/traces', 'user:mi'],
      ['#/sessions', 'chat'],
    ] as const) {
      const page = await viewer.open(hash);
      await page.locator('tbody tr').first().waitFor();
      await live(page);
      const before = await page.locator('tbody tr').count();
      await page.keyboard.press('/');
      await page.keyboard.type(typed);
      await viewer.send(trace('second', { session_id: `s-${hash}` }));
      await page.locator('tbody tr').nth(before).waitFor();
      expect(await page.getByRole('searchbox').inputValue()).to.equal(typed);
    }
  });

  it('leaves the focus on a turn of a session, and on a link of a trace', async () => {
    const id = await viewer.send(
      trace('turn 1', { session_id: 's-2', user_id: 'mina', status: 'RUNNING', ended_at: undefined }),
    );
    const page = await viewer.open('#/session/s-2');
    await page.locator('.turn-link').focus();
    await live(page);
    await viewer.send(trace('turn 2', { session_id: 's-2', started_at: at(9000), ended_at: at(9500) }));
    await page.locator('.turn', { hasText: 'turn 2' }).waitFor();
    expect(await page.evaluate('document.activeElement.className')).to.equal('turn-link');

    await page.goto(`${viewer.url}/#/trace/${id}`);
    await page.getByRole('link', { name: 'mina' }).focus();
    await viewer.sendSpans(id, [span('more', 0, 5)]);
    await page.locator('.fact', { hasText: 'Spans1' }).waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).to.equal('mina');
  });

  it("shows traces stored after the page's request and before its event stream began", async () => {
    const running = { status: 'RUNNING', started_at: new Date().toISOString(), ended_at: undefined };
    const id = await viewer.send(trace('between', running));
    const page = await viewer.open();
    await live(page);
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    await page.route('**/local/events', (route) => held.then(() => route.continue()));
    await page.goto(`${viewer.url}/#/trace/${id}`);
    await page.reload();
    await page.locator('.row').first().waitFor();
    await viewer.sendSpans(id, [span('missed', 0, 5)]);
    goOn();
    await page.locator('.row', { hasText: 'missed' }).waitFor();
  });

  it('keeps no listener of a pressed row, and folds once for one click on an arrow', async () => {
    const parent = span('parent', 0, 10);
    const id = await viewer.send(
      trace('pressed', { spans: [parent, span('child', 1, 2, { parent_span_id: parent.span_id })] }),
    );
    const page = await viewer.open(`#/trace/${id}`);
    const row = page.locator('.row', { hasText: 'parent' });
    for (let press = 0; press < 3; press += 1) await row.click();
    const debug = await page.context().newCDPSession(page);
    const { result } = await debug.send('Runtime.evaluate', { expression: 'window' });
    const { listeners } = await debug.send('DOMDebugger.getEventListeners', { objectId: `${result.objectId}` });
    expect(listeners.map(({ type }) => type)).to.not.include.members(['pointercancel']);
    await row.locator('.twisty').dblclick();
    expect(await row.getAttribute('aria-expanded')).to.equal('true');
  });

  it('shows the page one went to last, in whatever order the answers arrive', async () => {
    const page = await viewer.open();
    await page.locator('tbody tr').first().waitFor();
    await page.evaluate('location.hash = "#/charts"');
    await page.evaluate('location.hash = "#/traces"');
    await page.locator('tbody tr').first().waitFor();
    await page.evaluate(untilAllIsLoaded);
    expect(await page.locator('main > *').count()).to.equal(1);
    expect(await page.locator('.charts-page').count()).to.equal(0);
  });

  it('says so when the server is gone, on every page', async () => {
    const page = await viewer.open();
    await page.locator('tbody tr').first().waitFor();
    await live(page);
    await page.evaluate(untilAllIsLoaded);
    const port = Number(new URL(viewer.url).port);
    await viewer.stopServer();
    for (const hash of ['traces', 'sessions', 'charts', 'session/s-1', 'trace/00000000-0000-4000-8000-000000000009']) {
      await page.evaluate(`location.hash = "#/${hash}"`);
      await page.getByRole('alert').getByText('The server does not answer').waitFor();
    }
    viewer.forgive(); // Chromium reports the lost connection
    await viewer.startServer(port);
    await page.evaluate('location.hash = "#/traces"');
    await page.locator('tbody tr').first().waitFor();
    viewer.forgive();
  });
});

describe('Viewer: unusual traces', () => {
  const viewer = useViewer();

  it('distinguishes a running span from one whose end never arrived', async () => {
    const now = new Date().toISOString();
    const open = (name: string): Fields => ({ ...span(name, 0, undefined), started_at: now });
    const running = { status: 'RUNNING', started_at: now, ended_at: undefined };
    const page = await viewer.open(
      `#/trace/${await viewer.send(trace('goes on', { ...running, spans: [open('a')] }))}`,
    );
    await page.locator('.row').nth(1).waitFor();
    expect(await tookOf(page, 'a')).to.equal('running');
    const ended = await viewer.send(trace('over', { spans: [span('lost', 5, undefined)] }));
    await page.goto(`${viewer.url}/#/trace/${ended}`);
    await page.locator('.row', { hasText: 'lost' }).click();
    expect(await tookOf(page, 'lost')).to.equal('no end');
    expect(await page.locator('.detail').textContent()).to.include('never told');
  });

  it('draws spans without a duration, and spans outside of their parent, on the axis', async () => {
    const parent = span('parent', 0, 100);
    const below = (name: string, from: number, to: number) => span(name, from, to, { parent_span_id: parent.span_id });
    const skewed = [below('early', -500, -400), below('late', 1500, 1700), below('instant', 50, 50), parent];
    const page = await viewer.open(`#/trace/${await viewer.send(trace('skewed', { spans: skewed }))}`);
    await page.locator('.row').nth(4).waitFor();
    expect(await page.evaluate(inTheAxis)).to.equal(true);
    expect(await page.locator('.tick').first().textContent()).to.equal('0');
    for (const key of ['ArrowDown', 'ArrowDown', 'z']) await page.keyboard.press(key);
    expect(await page.evaluate(inTheAxis)).to.equal(true);
    const none = await viewer.send(trace('no time', { ended_at: at(0), spans: [span('none', 0, 0)] }));
    await page.goto(`${viewer.url}/#/trace/${none}`);
    await page.locator('.row', { hasText: 'none' }).waitFor();
    expect(await tookOf(page, 'none')).to.equal('0 ms');
    expect(await page.evaluate(inTheAxis)).to.equal(true);
  });

  it('keeps names of any length within the page', async () => {
    const long = 'a-very-long-name-without-any-space'.repeat(7);
    const more = {
      session_id: long,
      user_id: long,
      tags: [long],
      environment: long.slice(0, 100),
      release: long.slice(0, 100),
    };
    const one = span(long, 0, 10, { model: long.slice(0, 100), metadata: { [long]: long } });
    const id = await viewer.send(trace(long, { ...more, input: long, spans: [one] }));
    const page = await viewer.open();
    for (const hash of ['#/traces', '#/sessions', `#/session/${long}`, `#/trace/${id}?span=${one.span_id}`]) {
      await page.goto(`${viewer.url}/${hash}`);
      await page.locator('tbody tr, .turn, .detail h2').first().waitFor();
      const wide = `[document.body, ...document.querySelectorAll('main, .list-page, .session-page, .trace-head, .detail')]
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1).map(({ className }) => className)`;
      expect(await page.evaluate(wide), hash).to.deep.equal([]);
    }
  });

  it('draws a part of a very large value, and more on request', async () => {
    const messages = Array.from({ length: 3000 }, (_, n) => ({
      role: 'user',
      content: `message ${n} ${'x'.repeat(300)}`,
    }));
    const numbers = Array.from({ length: 100_000 }, (_, n) => n);
    const one = span('large', 0, 10, { input: { messages }, output: { numbers } });
    const id = await viewer.send(trace('large', { spans: [one] }));
    const page = await viewer.open(`#/trace/${id}?span=${one.span_id}`);
    await page.locator('.message').first().waitFor();
    expect(await page.locator('.message').count()).to.equal(60);
    expect(await page.locator('.message').last().textContent()).to.include('message 2999');
    await page.getByRole('button', { name: '2,940 more messages' }).click();
    expect(await page.locator('.message').nth(10).textContent()).to.include('message 10 ');
    expect(await page.locator('.message').count()).to.equal(120);
    await page.locator('summary', { hasText: /^numbers/ }).click();
    await page.getByRole('button', { name: '99,900 more items' }).waitFor();
    expect(await page.evaluate('document.querySelectorAll("*").length')).to.be.lessThan(2500);
  });

  it('shows a file whose fields have wrong types', async () => {
    const page = await viewer.open();
    const odd = {
      ...{ name: 'odd', started_at: 'yesterday', ended_at: 5, metadata: null, tags: [1, null], status: 'toString' },
      spans: [
        {
          name: 'one',
          kind: 'constructor',
          status: 7,
          started_at: null,
          token_usage: 'many',
          cost: [1],
          metadata: 'none',
        },
        { name: 'two', span_id: 12, kind: 'TOOL', model: {}, error: 4, started_at: at(0), ended_at: at(-5) },
        'no span',
      ],
    };
    const file = { name: 'odd.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(odd)) };
    await page.locator('#file').setInputFiles(file);
    await page.locator('.row', { hasText: 'two' }).click();
    await page.locator('.detail h2', { hasText: 'two' }).waitFor();
    await page.locator('.row', { hasText: 'one' }).click();
    await page.locator('.detail h2', { hasText: 'one' }).waitFor();
    expect(await page.evaluate(inTheAxis)).to.equal(true);
  });

  it('shows the year of old traces, and times in the zone of the reader', async () => {
    await viewer.send(trace('long past', { started_at: '2019-01-02T23:30:00Z', ended_at: '2019-01-02T23:30:01Z' }));
    const page = await viewer.open('#/traces?q=long+past', { timezoneId: 'Asia/Tokyo' });
    await page.locator('tbody tr').first().waitFor();
    const time = page.locator('tbody time');
    expect(await time.textContent()).to.equal('3 Jan 2019 08:30');
    expect(await time.getAttribute('title')).to.equal('2019-01-03 08:30:00.000');
  });
});
