import { expect } from 'chai';
import { type Fields, span, trace, useViewer } from './viewer.js';

describe('Viewer: spans of HTTP and databases', () => {
  const viewer = useViewer();
  const below = (parent: Fields, name: string, more: Fields = {}) =>
    span(name, 10, 20, { parent_span_id: parent.span_id, ...more });
  const http = { metadata: { 'http.request.method': 'POST' } };
  const database = { metadata: { 'db.system': 'postgresql' } };

  it('are left out of the tree until the reader shows them, searches for one, or opens the address of one', async () => {
    const server = span('POST /chat', 0, 900, http);
    const agent = below(server, 'agent', { kind: 'AGENT' });
    const call = below(agent, 'chat', { kind: 'LLM' });
    const request = below(call, 'POST api.example.com', http);
    const query = below(agent, 'SELECT users', database);
    const failed = below(agent, 'SELECT orders', { ...database, status: 'ERROR', error: 'no such table' });
    const spans = [
      server,
      agent,
      call,
      request,
      below(request, 'tcp.connect', { metadata: { 'http.method': 'x' } }),
      query,
      failed,
    ];
    const id = await viewer.send(trace('served', { spans }));
    const page = await viewer.open(`#/trace/${id}`);
    await page.locator('.row', { hasText: 'agent' }).waitFor();
    const names = () => page.locator('.row .name').allTextContents();
    // One that holds the agent, and one that failed, say something.
    const few = ['served', 'POST /chat', 'agent', 'chat', 'SELECT orders'];
    expect((await names()).toSorted()).to.deep.equal(few.toSorted());
    await page.getByRole('button', { name: 'Show 3 spans of HTTP and databases' }).click();
    await page.locator('.row', { hasText: 'tcp.connect' }).waitFor();
    expect(await names()).to.have.lengthOf(8);
    await page.getByRole('button', { name: 'Hide 3 spans of HTTP and databases' }).click();
    await page.locator('.row', { hasText: 'tcp.connect' }).waitFor({ state: 'detached' });
    expect((await names()).toSorted()).to.deep.equal(few.toSorted());
    await page.getByRole('searchbox').fill('select users');
    await page.locator('.told', { hasText: '1' }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.row[aria-selected="true"]', { hasText: 'SELECT users' }).waitFor();

    const other = await viewer.open(`#/trace/${id}?span=${query.span_id}`);
    await other.locator('.row[aria-selected="true"]', { hasText: 'SELECT users' }).waitFor();
    await other.locator('.detail h2', { hasText: 'SELECT users' }).waitFor();
    await other.getByRole('button', { name: 'Hide 3 spans of HTTP and databases' }).click();
    await other.locator('.row', { hasText: 'SELECT users' }).waitFor({ state: 'detached' });
  });

  it('are all shown if there are no other spans', async () => {
    const id = await viewer.send(trace('only http', { spans: [span('GET /health', 0, 5, http)] }));
    const page = await viewer.open(`#/trace/${id}`);
    await page.locator('.row', { hasText: 'GET /health' }).waitFor();
    expect(await page.getByRole('button', { name: /HTTP and databases/ }).isVisible()).to.equal(false);
  });
});
