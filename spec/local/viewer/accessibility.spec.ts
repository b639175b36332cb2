import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { demoRuns } from './demo-runs.js';
import { span, trace, useViewer } from './viewer.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const levels = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** The rules that look at colours, which the theme decides. All others see the same in both. */
const colorRules = ['color-contrast', 'link-in-text-block'];
/** The rules that look at where things are. What stands in the page is the same in each width but the widest and the narrowest. */
const placeRules = ['color-contrast', 'target-size', 'scrollable-region-focusable'];

/** What axe finds, one line each: the rule, the element, what is wrong. Without `rules`, by all of the levels. */
async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
  const options = { runOnly: rules ?? levels, resultTypes: ['violations'] };
  const { violations: found } = (await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`)) as AxeResults;
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
    // A few of each kind: a row more is looked at like the row before, and each is looked at often.
    const all = demoRuns(Date.now()).toReversed();
    const runs = all.filter((run, at) => at < 8 || run.session_id === 'chat-2048');
    await Promise.all(runs.map((run) => viewer.send(run)));
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

  /** Looks at what is shown in every width and in both themes. */
  async function look(page: Page, what: string): Promise<void> {
    for (const width of [1440, 1024, 640, 320]) {
      const isOuter = width === 1440 || width === 320;
      await page.setViewportSize({ width, height: 800 });
      expect(await violations(page, isOuter ? undefined : placeRules), `${what}, dark, ${width} px`).to.deep.equal([]);
      expect(await page.evaluate(tooWide), `what is wider than ${width} px ${what}`).to.deep.equal([]);
      if (!isOuter) continue;
      await page.emulateMedia({ colorScheme: 'light' });
      expect(await violations(page, colorRules), `${what}, light, ${width} px`).to.deep.equal([]);
      await page.emulateMedia({ colorScheme: 'dark' });
    }
  }

  interface Place {
    readonly what: string;
    readonly hash: () => string | Promise<string>;
    readonly shown: string;
    readonly act?: (page: Page) => Promise<unknown>;
  }

  /** What is looked at in one page after the other, each as a reader gets there. */
  const lists: readonly Place[] = [
    { what: 'in the list of traces', hash: () => '#/traces', shown: 'tbody tr' },
    {
      what: 'in a filtered list with the focus on a row',
      hash: () => '#/traces?tag=vip',
      shown: 'tbody tr',
      act: (page) => page.keyboard.press('ArrowDown'),
    },
    { what: 'where nothing fits', hash: () => '#/traces?q=nothing', shown: '.empty' },
    { what: 'in the list of sessions', hash: () => '#/sessions', shown: 'a[href*="session/"]' },
    { what: 'in the steps', hash: () => '#/steps', shown: 'tbody tr' },
    { what: 'in the tools', hash: () => '#/steps?by=tool&sort=failures', shown: 'tbody tr' },
    {
      what: 'in the help',
      hash: () => '#/traces',
      shown: 'tbody tr',
      act: async (page) => {
        await page.keyboard.press('?');
        await page.getByRole('dialog').waitFor();
      },
    },
  ];
  const traces: readonly Place[] = [
    { what: 'in a running trace', hash: () => `#/trace/${openId}`, shown: '.row[aria-selected="true"]' },
    {
      what: 'in a conversation',
      hash: async () => {
        const { items } = await viewer.read('/traces?limit=100');
        const run = items.find(({ name }) => String(name).includes('research'));
        return `#/trace/${run?.trace_id}`;
      },
      shown: '.row .kind[data-kind="LLM"]',
      act: async (page) => {
        await page.locator('.row .kind[data-kind="LLM"]').first().click();
        await page.locator('.detail .message').first().waitFor();
      },
    },
    { what: 'in a trace', hash: () => `#/trace/${failedId}`, shown: '.row .kind[data-kind="RETRIEVER"]' },
    {
      what: 'in a failed span, beside a span that is found',
      hash: () => `#/trace/${failedId}`,
      shown: '.row .kind[data-kind="RETRIEVER"]',
      act: async (page) => {
        await page.keyboard.press('e');
        await page.locator('.detail .error-box').waitFor();
        await page.getByRole('searchbox').fill('stray');
        await page.locator('.row[data-match]').waitFor();
      },
    },
    {
      what: 'where one is asked before something is deleted',
      hash: () => `#/trace/${failedId}`,
      shown: '.row .kind[data-kind="RETRIEVER"]',
      act: async (page) => {
        await page.getByRole('button', { name: 'Delete', exact: true }).click();
        await page.getByRole('dialog').waitFor();
      },
    },
  ];
  const others: readonly Place[] = [
    { what: 'in a session that failed', hash: () => '#/session/s%201', shown: '.turn' },
    { what: 'in a session of several turns', hash: () => '#/session/chat-2048', shown: '.turn + .turn' },
    {
      what: 'in the charts, with a table and a tip',
      hash: () => '#/charts?range=3d',
      shown: '.models tbody tr',
      act: async (page) => {
        await page.getByText('As a table').first().click();
        await page.locator('.plot').first().hover();
      },
    },
    {
      what: 'in a searched session',
      hash: () => '#/session/chat-2048?q=kind:llm',
      shown: '.turn-search .muted:not(:empty)',
    },
    { what: 'in charts by release', hash: () => '#/charts?range=3d&by=release', shown: 'figure:nth-child(6)' },
    {
      what: 'in a comparison',
      hash: async () => {
        const { items } = await viewer.read('/traces?limit=2');
        return `#/compare/${items[0]?.trace_id}?with=${items[1]?.trace_id}`;
      },
      shown: '.compare-texts h2',
    },
  ];

  async function visit(some: readonly Place[]): Promise<void> {
    const page = await viewer.open('', { reducedMotion: 'reduce', colorScheme: 'dark' });
    await page.locator('#live', { hasText: 'live' }).waitFor();
    // Evaluated by the debugger and not by the page, which allows no foreign script.
    await page.evaluate(axe);
    for (const { what, hash, shown, act } of some) {
      await page.setViewportSize({ width: 1440, height: 800 });
      await page.evaluate(`location.hash = ${JSON.stringify(await hash())}`);
      await page.locator(shown).first().waitFor();
      await act?.(page);
      await look(page, what);
    }
  }

  it('has no fault that axe reports, on any page, dark and light, at every width', async function () {
    this.timeout(120_000);
    // Each in a process of its own.
    const ended = await Promise.allSettled([lists, traces, others].map(visit));
    for (const each of ended) if (each.status === 'rejected') throw each.reason;
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

  it('shows bars, marks and the selection in forced colours of the system', async () => {
    const page = await viewer.open(`#/trace/${failedId}`, { forcedColors: 'active' });
    const selected = page.locator('.row[aria-selected="true"]');
    await selected.waitFor();
    const styleOf = (selector: string, name: string) =>
      page.evaluate(`getComputedStyle(document.querySelector(${JSON.stringify(selector)}))[${JSON.stringify(name)}]`);
    const canvas = await styleOf('body', 'backgroundColor');
    for (const selector of ['.row .bar', '.row .bar[data-failed]'])
      expect(await styleOf(selector, 'backgroundColor'), selector).not.to.equal(canvas);
    expect(await styleOf('.row[aria-selected="true"]', 'outlineStyle')).to.equal('solid');
    await page.getByRole('searchbox').fill('stray');
    await page.locator('.row[data-match]').waitFor();
    expect(await styleOf('.row[data-match]', 'outlineStyle')).to.equal('dashed');
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
