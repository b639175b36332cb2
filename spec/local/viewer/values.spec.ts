import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { type Fields, span, trace, useViewer } from './viewer.js';

const call = { id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '{"order":7}' } };

describe('Viewer: inputs and outputs', () => {
  const viewer = useViewer();

  /** Opens the details of a span with this input and output. */
  async function detailsOf(fields: Fields): Promise<Page> {
    const one = span('step', 0, 10, fields);
    const id = await viewer.send(trace('values', { spans: [one] }));
    const page = await viewer.open(`#/trace/${id}?span=${one.span_id}`);
    await page.locator('.detail h2', { hasText: 'step' }).waitFor();
    return page;
  }

  /** `role: text` of each message. */
  async function conversation(page: Page, section: string): Promise<string[]> {
    const messages = await page.getByRole('region', { name: section }).getByRole('listitem').all();
    return Promise.all(
      messages.map(
        async (each) => `${await each.locator('.who').textContent()}: ${await each.locator('.said').textContent()}`,
      ),
    );
  }

  it('shows messages as a conversation, with tool calls and their results', async () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Where is order 7?' },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', name: 'look_up', content: '{"state":"sent"}' },
    ];
    const page = await detailsOf({
      input: { messages },
      output: { messages: [{ role: 'assistant', content: 'It is on\nits way.' }] },
    });
    expect(await conversation(page, 'Input')).to.deep.equal([
      'system: Be brief.',
      'user: Where is order 7?',
      'assistant: → calls look_upcall_1{ 1 }order: 7order7',
      'tool: ← result look_upcall_1{ 1 }state: "sent"statesent',
    ]);
    expect(await conversation(page, 'Output')).to.deep.equal(['assistant: It is on\nits way.']);
  });

  it('shows the parts of other providers, and names images and files without loading them', async () => {
    const page = await detailsOf({
      input: {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'What is this?' },
              { type: 'image_url', image_url: { url: 'https://example.invalid/cat.png' } },
              { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: 'A'.repeat(5000) } },
              { type: 'image', mime_type: 'image/png', size_bytes: 2048 },
            ],
          },
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: 'A cat?' },
              { type: 'tool_use', id: 'tu_1', name: 'zoom', input: { factor: 2 } },
            ],
          },
          {
            role: 'user',
            content: [
              {
                type: 'tool_result',
                tool_use_id: 'tu_1',
                is_error: true,
                content: [{ type: 'text', text: 'out of range' }],
              },
            ],
          },
        ],
      },
      output: { choices: [{ index: 0, message: { role: 'assistant', content: 'A cat.' } }], id: 'x1' },
    });
    expect(await page.locator('.media').allTextContents()).to.deep.equal([
      'image https://example.invalid/cat.png',
      'image image/jpeg · data: 5000 characters',
      'image image/png · size_bytes: 2048',
    ]);
    expect(await page.locator('img:not([src="icon.svg"])').count()).to.equal(0);
    expect((await conversation(page, 'Input')).slice(1)).to.deep.equal([
      'assistant: ThinkingA cat?→ calls zoomtu_1{ 1 }factor: 2factor2',
      'user: ✕ failedtu_1out of range',
    ]);
    expect(await conversation(page, 'Output')).to.deep.equal(['assistant: A cat.']);
  });

  it('shows thinking, sound and pictures in whatever form a message has them', async () => {
    const page = await detailsOf({
      input: {
        messages: [
          {
            role: 'user',
            parts: [
              { type: 'text', content: 'What is this?' },
              { type: 'blob', modality: 'image', mime_type: 'image/png', content: 'iVBORw0KGgo=' },
              { type: 'file', mediaType: 'image/png', data: 'https://example.invalid/cat.png' },
            ],
          },
          {
            role: 'assistant',
            parts: [
              { type: 'thinking', content: 'A cat?' },
              { type: 'text', content: 'A cat.' },
            ],
          },
          { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', result: 'meow' }] },
          { role: 'user', content: 'And this?', images: ['A'.repeat(5000)] },
        ],
      },
      output: {
        messages: [
          { role: 'assistant', content: '', reasoning_content: 'A dog?', audio: { id: 'a1', transcript: 'A dog.' } },
        ],
      },
    });
    expect(await conversation(page, 'Input')).to.deep.equal([
      [
        'user: What is this?image modality: image · image/png · content: iVBORw0KGgo=Show the image',
        'file mediaType: image/png · data: https://example.invalid/cat.pngOpen it in a new tab',
      ].join(''),
      'assistant: ThinkingA cat?A cat.',
      'tool: ← resultc1meow',
      'user: And this?image data: 5000 characters',
    ]);
    expect(await conversation(page, 'Output')).to.deep.equal(['assistant: ThinkingA dog?A dog.audio id: a1']);
    await page.getByRole('button', { name: 'Show the image' }).first().click();
    expect(await page.locator('img.picture').getAttribute('src')).to.equal('data:image/png;base64,iVBORw0KGgo=');
  });

  it('shows the same as JSON on request', async () => {
    const page = await detailsOf({ input: { messages: [{ role: 'user', content: 'hello' }] } });
    const input = page.getByRole('region', { name: 'Input' });
    await input.getByRole('button', { name: 'JSON' }).click();
    expect(await input.locator('.json').count()).to.equal(1);
    await input.getByRole('button', { name: 'Conversation' }).click();
    expect(await conversation(page, 'Input')).to.deep.equal(['user: hello']);
  });

  it('shows any other value as a tree that renders its branches when they are opened', async () => {
    const rows = Array.from({ length: 1000 }, (_, at) => ({ at, deep: { deeper: { deepest: [true, null, 1.5] } } }));
    const page = await detailsOf({ input: { query: 'all', rows }, output: 'plain text' });
    const input = page.getByRole('region', { name: 'Input' });
    expect(await input.locator('details').count()).to.equal(2);
    await input.locator('summary', { hasText: /^rows/ }).click();
    await input.locator('.j-key', { hasText: /^99$/ }).waitFor();
    expect(await input.locator('details').count()).to.equal(102);
    await input.getByRole('button', { name: '900 more items' }).click();
    await input.locator('.j-key', { hasText: /^199$/ }).waitFor();
    await input.locator('summary', { hasText: 'at: 3,' }).first().click();
    await input.locator('summary', { hasText: 'deeper' }).first().click();
    expect(await page.getByRole('region', { name: 'Output' }).locator('.value').textContent()).to.equal('plain text');
  });

  it('shows each kind of empty value', async () => {
    const page = await detailsOf({ input: { none: {}, few: [], text: '', no: null, off: false, zero: 0 }, output: '' });
    const textOf = (section: string) => page.getByRole('region', { name: section }).locator('.value').textContent();
    expect(await textOf('Input')).to.match(/none\{\}few\[\]text""nonullofffalsezero0$/);
    expect(await textOf('Output')).to.equal('""');
    const other = await detailsOf({ input: [], output: {} });
    expect(await other.getByRole('region', { name: 'Input' }).locator('.value').textContent()).to.equal('[]');
    expect(await other.getByRole('region', { name: 'Output' }).locator('.value').textContent()).to.equal('{}');
  });

  it('shortens a long text until one asks for all of it', async () => {
    const text = 'abcdefghij'.repeat(2000);
    const page = await detailsOf({ input: { messages: [{ role: 'user', content: text }] } });
    const said = page.locator('.message .text');
    expect((await said.textContent())?.length).to.be.lessThan(1500);
    await page.getByRole('button', { name: 'show all 20,000 characters' }).click();
    expect(await said.textContent()).to.equal(text);
  });

  it('copies a span as JSON', async () => {
    const one = span('copied', 0, 10, { input: { a: 1 } });
    const id = await viewer.send(trace('copy', { spans: [one] }));
    const page = await viewer.open(`#/trace/${id}?span=${one.span_id}`, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.getByRole('button', { name: 'Copy as JSON' }).click();
    await page.getByText('Copied', { exact: true }).waitFor();
    const copied = JSON.parse(await page.evaluate('navigator.clipboard.readText()'));
    expect([copied.span_id, copied.name, copied.input]).to.deep.equal([one.span_id, 'copied', { a: 1 }]);
  });
});

describe('Viewer: a browser that allows less', () => {
  const viewer = useViewer();

  it('copies on a page without https, which has no clipboard API', async () => {
    const one = span('copied', 0, 10, { input: 'first\nsecond' });
    const id = await viewer.send(trace('copy', { spans: [one] }));
    const without = `window.board = navigator.clipboard; Object.defineProperty(navigator, 'clipboard', { value: undefined });`;
    const page = await viewer.open(
      `#/trace/${id}?span=${one.span_id}`,
      { permissions: ['clipboard-read', 'clipboard-write'] },
      without,
    );
    const copy = page.getByRole('region', { name: 'Input' }).getByRole('button', { name: 'Copy' });
    await copy.click();
    await page.getByText('Copied', { exact: true }).waitFor();
    expect(await page.evaluate('board.readText()')).to.equal('first\nsecond');
    expect(await copy.evaluate('document.activeElement.textContent')).to.equal('Copy');
  });

  it('shows traces if cookies, and with them the storage of the page, are blocked', async () => {
    const id = await viewer.send(trace('kept nowhere', { spans: [span('step', 0, 10)] }));
    const blocked = `for (const name of ['localStorage', 'sessionStorage'])
      Object.defineProperty(window, name, { get() { throw new DOMException('Access is denied', 'SecurityError'); } });`;
    const page = await viewer.open(`#/trace/${id}?project=demo`, {}, blocked);
    await page.locator('.row', { hasText: 'step' }).waitFor();
    await page.getByRole('button', { name: /^Theme/ }).click();
    await page.getByRole('link', { name: 'Traces' }).click();
    await page.locator('tbody tr', { hasText: 'kept nowhere' }).waitFor();
  });
});

describe('Viewer: content of a trace is never run', () => {
  const viewer = useViewer();
  const attacks = [
    '<img src=x onerror="alert(1)">',
    '<script>alert(1)</script>',
    '"><svg onload=alert(1)>',
    "javascript:alert(1)'",
  ];

  it('shows markup in names, inputs, tags, errors, models, metadata, ids and scores as the text it is', async () => {
    const bad = attacks.join(' ');
    const one = span(bad, 0, 10, {
      ...{
        kind: 'LLM',
        status: 'ERROR',
        error: bad,
        model: attacks[0],
        input: { [bad]: bad },
        metadata: { [bad]: { [bad]: bad } },
      },
      output: {
        messages: [
          {
            role: bad,
            name: bad,
            content: [
              { type: 'text', text: bad },
              { type: 'image', url: attacks[3], mime_type: bad },
            ],
          },
        ],
      },
      ...{ model_parameters: { [bad]: bad }, token_usage: { prompt_tokens: 1, [bad]: 1 } },
    });
    const more = {
      session_id: attacks[0],
      user_id: attacks[1],
      tags: attacks,
      environment: attacks[2],
      release: attacks[3],
    };
    const id = await viewer.send(
      trace(bad, { ...more, input: bad, output: { messages: [{ role: 'assistant', content: bad }] }, spans: [one] }),
    );
    await viewer.sendScore({
      trace_id: id,
      name: bad,
      value: bad,
      data_type: 'CATEGORICAL',
      source: 'PROGRAMMATIC',
      reason: bad,
    });

    const page = await viewer.open();
    const said: string[] = [];
    page.on('dialog', (dialog) => {
      said.push(dialog.message());
      void dialog.dismiss();
    });
    for (const hash of [
      '#/traces',
      `#/trace/${id}`,
      `#/trace/${id}?span=${one.span_id}`,
      '#/sessions',
      `#/session/${encodeURIComponent(String(more.session_id))}`,
      '#/charts?range=1y',
      `#/traces?q=${encodeURIComponent(bad)}&tag=${encodeURIComponent(bad)}`,
    ]) {
      await page.goto(`${viewer.url}/${hash}`);
      await page.locator('tbody tr, .detail h2, .turn, .card, .empty').first().waitFor();
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))');
      expect(
        await page
          .locator('img:not([src="icon.svg"]), svg:not(.chart), main script, main a[href^="javascript"]')
          .count(),
        hash,
      ).to.equal(0);
    }
    await page.goto(`${viewer.url}/#/trace/${id}?span=${one.span_id}`);
    expect(await page.locator('.detail h2').textContent()).to.equal(bad);
    expect(said).to.deep.equal([]);
  });

  it('would be stopped by the content security policy if it got into the page', async () => {
    const page = await viewer.open();
    await page.locator('main > *').first().waitFor();
    const attempts = [
      `document.body.innerHTML = '<img src=x onerror="window.hit = 1">'`,
      `document.querySelector('#help').setAttribute('onclick', 'window.hit = 1')`,
      `document.body.append(Object.assign(document.createElement('script'), { text: 'window.hit = 1' }))`,
    ];
    for (const attempt of attempts) {
      const said = await page.evaluate(attempt).then(
        () => 'done',
        (error: Error) => error.message,
      );
      expect(said, attempt).to.match(/requires 'Trusted(HTML|Script)' assignment/);
    }
    expect(await page.evaluate('window.hit')).to.equal(undefined);
    viewer.forgive(); // the violations it reports are what is wanted here
  });
});
