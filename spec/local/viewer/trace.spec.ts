import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { at, type Fields, span, trace, useViewer } from './viewer.js';

/** The rows to be seen as text: two spaces a level, `>` before the selected one, `+` before a closed one. */
async function treeOf(page: Page): Promise<string[]> {
  const rows = await page.locator('.row').all();
  const facts = await Promise.all(
    rows.map(async (row) => {
      const [style, level, expanded, selected, name] = await Promise.all([
        ...['style', 'aria-level', 'aria-expanded', 'aria-selected'].map((attribute) => row.getAttribute(attribute)),
        row.locator('.name').textContent(),
      ]);
      const signs = `${selected === 'true' ? '>' : ''}${expanded === 'false' ? '+' : ''}`;
      return { place: varOf(style ?? '', '--row'), text: `${'  '.repeat(Number(level) - 1)}${signs}${name}` };
    }),
  );
  return facts.sort((a, b) => a.place - b.place).map(({ text }) => text);
}

/** A custom property of a style attribute, rounded. */
function varOf(style: string, name: string): number {
  const [, value = 'NaN'] = new RegExp(`${name}: ([^;]+)`).exec(style) ?? [];
  return Number(Number(value).toFixed(3));
}

const selected = (page: Page, name: string) => page.locator('.row[aria-selected="true"]', { hasText: name }).waitFor();
const shown = (page: Page, name: string) => page.locator('.detail h2', { hasText: name }).waitFor();

describe('Viewer: a trace', () => {
  const viewer = useViewer();
  let id = '';
  let failedId: unknown;

  before(async () => {
    const agent = span('agent', 0, 1000, { kind: 'AGENT' });
    const below = (parent: Fields) => ({ parent_span_id: parent.span_id });
    const ask = span('ask', 100, 400, {
      ...{ ...below(agent), kind: 'LLM', model: 'gpt-5-mini', completion_start_time: at(250) },
      token_usage: { prompt_tokens: 1200, completion_tokens: 34, reasoning_tokens: 12 },
      ...{ cost: { input: 0.001, total: 0.0042 }, model_parameters: { temperature: 0.2, stop: ['END'] } },
      metadata: { attempt: 2, region: 'eu' },
    });
    const tool = span('lookup', 700, 900, {
      ...below(agent),
      kind: 'TOOL',
      status: 'ERROR',
      error: 'TypeError: no such order\n    at lookup',
    });
    const query = span('query', 720, 880, {
      ...below(tool),
      kind: 'RETRIEVER',
      input: 'order 7',
      output: { rows: [] },
    });
    failedId = tool.span_id;
    const more = { session_id: 'chat-7', user_id: 'mina', tags: ['prod'], environment: 'staging', release: '1.2.3' };
    id = await viewer.send(
      trace('support', { ...more, status: 'ERROR', metadata: { plan: 'b' }, spans: [query, tool, ask, agent] }),
    );
    await viewer.sendScore({
      trace_id: id,
      name: 'helpful',
      value: '0.85',
      data_type: 'NUMERIC',
      source: 'PROGRAMMATIC',
      reason: 'short',
    });
  });

  it('shows the tree in the order of start times, and the facts of the trace', async () => {
    const page = await viewer.open(`#/trace/${id}`);
    await selected(page, 'support');
    expect(await treeOf(page)).to.deep.equal(['>support', '  agent', '    ask', '    lookup', '      query']);
    expect(await page.locator('.trace-head .fact').allInnerTexts()).to.include.members([
      ...['Duration\n1.00 s', 'Spans\n4', 'Tokens\n1,234', 'Cost\n$0.0042', 'Session\nchat-7', 'User\nmina'],
      ...['Environment\nstaging', 'Release\n1.2.3', 'helpful\n0.85'],
    ]);
    expect(await page.locator('.row .kind').allTextContents()).to.deep.equal(['◆', 'A', 'L', 'T', 'R']);
  });

  it('can be read with the arrow keys, and keeps the span in the address', async () => {
    const page = await viewer.open(`#/trace/${id}`);
    await selected(page, 'support');
    for (const key of ['ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
    await shown(page, 'ask');
    expect(page.url()).to.match(/\?span=[\da-f-]{36}$/);
    await page.keyboard.press('ArrowLeft');
    await selected(page, 'agent');
    await page.keyboard.press('ArrowLeft');
    expect(await treeOf(page)).to.deep.equal(['support', '  >+agent']);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await selected(page, 'ask');
    await page.keyboard.press('End');
    await selected(page, 'query');
    await page.keyboard.press('Home');
    await page.keyboard.press('-');
    expect(await treeOf(page)).to.deep.equal(['>support', '  +agent']);
    await page.keyboard.press('*');
    expect(await treeOf(page)).to.have.lengthOf(5);
  });

  it('names the row that has the focus, its level and its place to a screen reader', async () => {
    const page = await viewer.open(`#/trace/${id}`);
    await selected(page, 'support');
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
    const tree = page.getByRole('tree', { name: 'Spans of the trace' });
    const row = page.locator(`#${await tree.getAttribute('aria-activedescendant')}`);
    await page.getByRole('treeitem', { name: 'tool lookup ✕ error 200 ms', exact: true }).waitFor();
    const facts = ['role', 'aria-level', 'aria-posinset', 'aria-setsize', 'aria-expanded', 'aria-selected'];
    const found = await Promise.all(facts.map((name) => row.getAttribute(name)));
    expect(found).to.deep.equal(['treeitem', '3', '2', '2', 'true', 'true']);
    expect(await page.evaluate('document.activeElement.getAttribute("role")')).to.equal('tree');
  });

  it('goes to the next error, and shows its message', async () => {
    const page = await viewer.open(`#/trace/${id}`);
    await selected(page, 'support');
    await page.keyboard.press('e');
    await selected(page, 'lookup');
    expect(await page.locator('.detail .error-box').textContent()).to.equal(
      '✕ ErrorTypeError: no such order\n    at lookup',
    );
    expect(await page.locator('.row[data-failed] .failed').allTextContents()).to.deep.equal(['✕ error', '✕ error']);
    await page.getByRole('button', { name: '✕ 1 error' }).waitFor();
  });

  it('marks the first token, and the gaps between steps, on the common time axis', async () => {
    const page = await viewer.open(`#/trace/${id}`);
    await selected(page, 'support');
    const vars = async (selector: string, names: string[]) => {
      const styles = await Promise.all((await page.locator(selector).all()).map((each) => each.getAttribute('style')));
      return styles.map((style) => names.map((name) => varOf(style ?? '', name)));
    };
    const ask = page.locator('.row', { hasText: 'ask' });
    expect(await vars('.first-token', ['--at'])).to.deep.equal([[0.25]]);
    expect(await ask.locator('.first-token').getAttribute('title')).to.equal('first token after 150 ms');
    expect(await vars('.bar', ['--from', '--size'])).to.deep.equal([
      ...[
        [0, 1],
        [0, 1],
        [0.1, 0.3],
        [0.7, 0.2],
        [0.72, 0.16],
      ],
    ]);
    // Nothing ran from 0 to 100, from 400 to 700 and from 900 to 1000.
    expect((await vars('.bar[data-kind="AGENT"] .gap', ['--from', '--size'])).sort()).to.deep.equal([
      ...[
        [0, 0.1],
        [0.4, 0.3],
        [0.9, 0.1],
      ],
    ]);
    expect(await page.locator('.tick').allTextContents()).to.deep.equal(['0', '200 ms', '400 ms', '600 ms', '800 ms']);
  });

  it('fits the time axis to a span', async () => {
    const page = await viewer.open(`#/trace/${id}?span=${failedId}`);
    await shown(page, 'lookup');
    await page.keyboard.press('z');
    expect(await page.locator('.tick').allTextContents()).to.deep.equal(['700 ms', '750 ms', '800 ms', '850 ms']);
    await page.keyboard.press('z');
    expect((await page.locator('.tick').allTextContents())[1]).to.equal('200 ms');
  });

  it('finds spans by name, kind, model and error', async () => {
    const page = await viewer.open(`#/trace/${id}`);
    await selected(page, 'support');
    await page.keyboard.press('/');
    await page.keyboard.type('no such order');
    await page.locator('.told', { hasText: '1' }).waitFor();
    await page.keyboard.press('Enter');
    await selected(page, 'lookup');
    await page.getByRole('searchbox').fill('gpt-5');
    await page.keyboard.press('Enter');
    await selected(page, 'ask');
    await page.getByRole('searchbox').fill('nothing like it');
    await page.locator('.told', { hasText: 'none' }).waitFor();
  });

  it('shows parameters, tokens, cost, metadata and times of a span', async () => {
    const page = await viewer.open(`#/trace/${id}`);
    await page.locator('.row', { hasText: 'ask' }).click();
    await shown(page, 'ask');
    const text = await page.locator('.detail').textContent();
    for (const wanted of ['300 ms', 'after 150 ms', 'gpt-5-mini', 'temperature', '0.2', 'attempt', 'region', 'eu'])
      expect(text).to.include(wanted);
    expect(await page.locator('.tile').allInnerTexts()).to.deep.equal([
      ...[
        '1,200\nprompt tokens',
        '34\ncompletion tokens',
        '12\nreasoning tokens',
        '$0.0010\ninput cost',
        '$0.0042\ncost',
      ],
    ]);
  });

  it('opens at the span of the address, goes back and forth, and to the details and back', async () => {
    const page = await viewer.open(`#/trace/${id}?span=${failedId}`);
    await shown(page, 'lookup');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.className')).to.equal('detail');
    await page.keyboard.press('Escape');
    expect(await page.evaluate('document.activeElement.className')).to.equal('tree');
    await page.locator('.head-facts a', { hasText: 'chat-7' }).click();
    await page.getByRole('heading', { level: 1, name: 'chat-7' }).waitFor();
    await page.goBack();
    await shown(page, 'lookup');
  });

  it('keeps spans whose parent is missing, and spans that are their own ancestors', async () => {
    const lost = span('lost', 10, 20, { parent_span_id: '00000000-0000-4000-8000-000000000001' });
    const one = span('one', 30, 40);
    const two = span('two', 50, 60, { parent_span_id: one.span_id });
    const ring = await viewer.send(trace('ring', { spans: [lost, { ...one, parent_span_id: two.span_id }, two] }));
    const page = await viewer.open(`#/trace/${ring}`);
    await selected(page, 'ring');
    expect(await treeOf(page)).to.have.lengthOf(4);
    expect(await page.getByText('parent missing').count()).to.equal(2);
  });

  it('shows no duration for a step, or a run, that ends before its start because its clock was set back', async () => {
    const back = await viewer.send(
      trace('set back', { started_at: at(5000), ended_at: at(0), spans: [span('back', 5000, 1000)] }),
    );
    const page = await viewer.open(`#/trace/${back}`);
    await selected(page, 'set back');
    expect(await page.locator('.row', { hasText: 'back' }).last().locator('.took').textContent()).to.equal('0 ms');
    expect(await page.locator('.fact', { hasText: 'Duration' }).locator('dd').textContent()).to.equal('0 ms');
    await page.keyboard.press('Escape');
    expect(await page.locator('tbody tr', { hasText: 'set back' }).textContent())
      .to.include('0 ms')
      .and.not.include('-');
  });

  it('says when there is no such trace', async () => {
    const page = await viewer.open('#/trace/00000000-0000-4000-8000-000000000009');
    await page.getByText('There is no such trace in this project').waitFor();
    viewer.forgive(); // Chromium reports the 404
  });
});
