import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { demoRuns } from './demo-runs.js';
import { span, trace, useViewer } from './viewer.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const levels = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** What axe finds, one line each: the rule, the element, what is wrong. */
async function violations(page: Page): Promise<string[]> {
  // Evaluated by the debugger and not by the page, which allows no foreign script.
  await page.evaluate(axe);
  const { violations: found } = (await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(levels)}, resultTypes: ['violations'] })`,
  )) as AxeResults;
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, any, all, none }) => {
      const reasons = [...any, ...all, ...none].map(({ message }) => message);
      return `${id}: ${html.slice(0, 160)} ${reasons.join(' ')}`;
    }),
  );
}

/** What one would have to scroll sideways for. A table or code in a box of its own may scroll there. */
const tooWide = `[...document.querySelectorAll('body *')]
  .filter((each) => {
    const { right, width } = each.getBoundingClientRect();
    if (width === 0 || right <= innerWidth + 1) return false;
    for (let at = each; at !== null; at = at.parentElement)
      if (getComputedStyle(at).overflowX !== 'visible' && at.getBoundingClientRect().right <= innerWidth + 1) return false;
    return true;
  })
  .map((each) => each.outerHTML.slice(0, 100))
  .concat(document.querySelector('main').scrollWidth > innerWidth + 1 ? ['main'] : [])
  .slice(0, 5)`;

describe('Viewer: accessibility', () => {
  const viewer = useViewer();
  let failedId = '';
  let openId = '';

  before(async () => {
    const runs = demoRuns(Date.now()).filter((run, at) => at < 60 || run.session_id === 'chat-2048');
    for (const run of runs) await viewer.send(run);
    const now = new Date().toISOString();
    const failed = span('charge', 100, 300, {
      ...{ kind: 'TOOL', status: 'ERROR', error: 'card declined', model: 'gpt-5-mini' },
      ...{ input: { a: [1, 'two', null, true], long: 'x'.repeat(5000) }, metadata: { region: 'eu' } },
      ...{ token_usage: { prompt_tokens: 3 }, cost: { total: 0.1 }, model_parameters: { stop: ['END'] } },
    });
    const stray = span('stray', 10, 20, { parent_span_id: '00000000-0000-4000-8000-000000000001' });
    const kinds = ['AGENT', 'LLM', 'RETRIEVER', 'CHAIN', 'EMBEDDING', 'OTHER'].map((kind) =>
      span(kind, 0, 9, { kind }),
    );
    failedId = await viewer.send(
      trace('failed', { status: 'ERROR', session_id: 's 1', tags: ['vip'], spans: [failed, stray, ...kinds] }),
    );
    const open = { status: 'RUNNING', started_at: now, ended_at: undefined };
    openId = await viewer.send(trace('open', { ...open, spans: [{ ...span('step', 0, undefined), started_at: now }] }));
  });

  /** Opens a page, and looks at it in both themes when `shown` is there. */
  async function look(hash: string, shown: string, act: (page: Page) => Promise<unknown> = async () => {}) {
    const page = await viewer.open(hash, { reducedMotion: 'reduce' });
    await page.locator(shown).first().waitFor();
    await page.locator('#live', { hasText: 'live' }).waitFor();
    await act(page);
    for (const width of [1440, 1024, 640, 320]) {
      await page.setViewportSize({ width, height: 800 });
      // Colours do not depend on the width: in between, one theme tells what the other would.
      const themes = width === 1440 || width === 320 ? (['dark', 'light'] as const) : (['dark'] as const);
      for (const colorScheme of themes) {
        await page.emulateMedia({ colorScheme });
        expect(await violations(page), `${colorScheme}, ${width} px`).to.deep.equal([]);
      }
      expect(await page.evaluate(tooWide), `what is wider than ${width} px`).to.deep.equal([]);
    }
  }

  describe('has no fault that axe knows of, dark and light', () => {
    it('in the whole list of traces', () => look('#/traces', 'tbody tr'));
    it('in a filtered list with the focus on a row', () =>
      look('#/traces?tag=vip', 'tbody tr', (page) => page.keyboard.press('ArrowDown')));
    it('where nothing fits', () => look('#/traces?q=nothing', '.empty'));
    it('in a trace', () => look(`#/trace/${failedId}`, '.row[aria-selected="true"]'));
    it('in a failed span, beside a span that is found', () =>
      look(`#/trace/${failedId}`, '.row', async (page) => {
        await page.keyboard.press('e');
        await page.locator('.detail .error-box').waitFor();
        await page.getByRole('searchbox').fill('stray');
        await page.locator('.row[data-match]').waitFor();
      }));
    it('in a running trace', () => look(`#/trace/${openId}`, '.row[aria-selected="true"]'));
    it('in a conversation', async () => {
      const { items } = await viewer.read('/traces?limit=100');
      const run = items.find(({ name }) => String(name).includes('research')) ?? items[0];
      await look(`#/trace/${run?.trace_id}`, '.row', async (page) => {
        await page.locator('.row .kind[data-kind="LLM"]').first().click();
        await page.locator('.detail .message').first().waitFor();
      });
    });
    it('in the list of sessions', () => look('#/sessions', 'tbody tr'));
    it('in a session that failed', () => look('#/session/s%201', '.turn'));
    it('in a session of several turns', () => look('#/session/chat-2048', '.turn'));
    it('in the charts, with a table and a tip', () =>
      look('#/charts?range=3d', '.models tbody tr', async (page) => {
        await page.getByText('As a table').first().click();
        await page.locator('.plot').first().hover();
      }));
    it('in the steps, and in the tools', async () => {
      await look('#/steps', 'tbody tr');
      await look('#/steps?by=tool&sort=failures', 'tbody tr');
    });
    it('in a comparison', async () => {
      const { items } = await viewer.read('/traces?limit=2');
      await look(`#/compare/${items[0]?.trace_id}?with=${items[1]?.trace_id}`, '.compare-texts h2');
    });
    it('where one is asked before something is deleted', () =>
      look(`#/trace/${failedId}`, '.row', async (page) => {
        await page.getByRole('button', { name: 'Delete', exact: true }).click();
        await page.getByRole('dialog').waitFor();
      }));
    it('in the help', () =>
      look('#/traces', 'tbody tr', async (page) => {
        await page.keyboard.press('?');
        await page.getByRole('dialog').waitFor();
      }));
  });

  it('shows where the focus is, on every control', async () => {
    const page = await viewer.open(`#/trace/${failedId}`);
    await page.locator('.row[aria-selected="true"]').waitFor();
    const unseen: string[] = [];
    for (let at = 0; at < 30; at += 1) {
      await page.keyboard.press('Tab');
      // The field for files is as good as invisible: its label has the outline instead.
      const named = (await page.evaluate(`(() => {
        const focused = document.activeElement;
        const shown = focused.id === 'file' ? document.querySelector('#load') : focused;
        const rows = focused.getAttribute('role') === 'tree' ? [focused.querySelector('[aria-selected=true]')] : [];
        const seen = [shown, ...rows].some((each) => {
          const { outlineStyle, outlineWidth, boxShadow, backgroundColor } = getComputedStyle(each);
          const isSplitter = each.className === 'splitter' && backgroundColor !== 'rgba(0, 0, 0, 0)';
          return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none' || isSplitter;
        });
        return seen || focused === document.body ? '' : focused.outerHTML.slice(0, 120);
      })()`)) as string;
      if (named !== '') unseen.push(named);
    }
    expect(unseen).to.deep.equal([]);
  });

  it('moves nothing for a reader who wants no motion', async () => {
    const page = await viewer.open('#/traces', { reducedMotion: 'reduce' });
    await page.locator('#live', { hasText: 'live' }).waitFor();
    await page.locator('tbody tr').first().waitFor();
    const now = new Date().toISOString(); // newer than all the demo has, or it would be on another page
    await viewer.send(trace('new one', { started_at: now, ended_at: now }));
    await page.locator('.fresh').first().waitFor();
    await page.evaluate('document.querySelector("#toast").classList.add("shown")');
    expect(await page.evaluate('document.getAnimations().length')).to.equal(0);
  });
});
