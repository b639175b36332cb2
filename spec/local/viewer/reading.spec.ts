import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { type Fields, span, trace, useViewer } from './viewer.js';

/** One transparent pixel. */
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

describe('Viewer: reading texts', () => {
  const viewer = useViewer();

  /** Opens a trace with one model call, and its details. */
  async function open(fields: Fields, options: Parameters<typeof viewer.open>[1] = {}): Promise<Page> {
    const call = span('call', 0, 900, { kind: 'LLM', model: 'gpt-5-mini', ...fields });
    const id = await viewer.send(trace('read', { spans: [call] }));
    const page = await viewer.open(`#/trace/${id}?span=${call.span_id}`, options);
    await page.locator('.detail h2', { hasText: 'call' }).waitFor();
    return page;
  }

  it('formats Markdown, with code in a code face', async () => {
    const text =
      '# Plan\n\nGo **now**, see `x = 1`:\n\n- one\n- two\n\n```ts\nconst a = 1;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n';
    const page = await open({ output: text });
    await page.locator('.markdown .md-heading', { hasText: 'Plan' }).waitFor();
    const found = page.locator('.markdown');
    expect(await found.locator('li').allTextContents()).to.deep.equal(['one', 'two']);
    expect(await found.locator('pre code').textContent()).to.equal('const a = 1;');
    expect(await found.locator('strong').textContent()).to.equal('now');
    expect(await found.locator('td').allTextContents()).to.deep.equal(['1', '2']);
    const face = "getComputedStyle(document.querySelector('.markdown code')).fontFamily";
    expect(await page.evaluate(face)).to.include('mono');
  });

  it('shows HTML as text, and makes no link to a script', async () => {
    const bad =
      '**b** <img src=x onerror="window.hit=1"> <script>window.hit=1</script> [go](javascript:window.hit=1) [ok](https://example.com/a)';
    const page = await open({ output: bad });
    await page.locator('.markdown strong').waitFor();
    expect(await page.locator('.markdown img, .markdown script').count()).to.equal(0);
    const links = await page.locator('.markdown a').evaluateAll((all) => all.map((a) => a.outerHTML));
    expect(links).to.have.lengthOf(1);
    expect(links[0]).to.include('https://example.com/a').and.include('noreferrer');
    expect(await page.evaluate('window.hit')).to.equal(undefined);
    expect(await page.locator('.markdown').textContent()).to.include('<img src=x');
  });

  it('leaves Markdown that is nested too deeply as it is, and formats long texts quickly', async () => {
    const page = await open({ output: `${'>'.repeat(4500)} deep`, input: `${'- '.repeat(2400)}down` });
    await page.locator('.text', { hasText: 'deep' }).waitFor();
    await page.locator('.text', { hasText: 'down' }).waitFor();
    expect(await page.locator('.markdown').count()).to.equal(0);
    const links = await open({ output: ']('.repeat(30_000), input: 'short' });
    const click = (at: number) => `document.querySelectorAll('.row')[${at}].click();`;
    const took = `(() => { ${click(0)} const from = performance.now(); ${click(1)} return performance.now() - from; })()`;
    expect(await links.evaluate(took)).to.be.below(1000);
  });

  it('leaves a text without signs of Markdown as it is', async () => {
    const page = await open({ output: 'a  b\n   c * d' });
    expect(await page.getByLabel('Output').locator('.text').textContent()).to.equal('a  b\n   c * d');
    expect(await page.locator('.markdown').count()).to.equal(0);
  });

  it('unfolds JSON that is a text in a field', async () => {
    const page = await open({ output: { answer: '{"city":"Oslo","list":[1,2]}' } });
    await page.getByLabel('Output').locator('.j-size[title]', { hasText: 'text' }).waitFor();
    await page.getByLabel('Output').locator('.j-key', { hasText: 'answer' }).click();
    await page.locator('.j-key', { hasText: 'city' }).waitFor();
  });

  it('shows documents of a retriever as cards, with the JSON a click away', async () => {
    const output = [
      { pageContent: 'Returns take 30 days.', metadata: { source: 'returns.md' }, score: 0.91 },
      { pageContent: 'Parcels take 3 days.', metadata: { source: 'parcels.md' }, score: 0.5 },
    ];
    const page = await open({ output });
    expect(await page.locator('.document-head').allTextContents()).to.deep.equal([
      'returns.mdscore 0.91',
      'parcels.mdscore 0.5',
    ]);
    await page.getByLabel('Output').getByRole('button', { name: 'JSON' }).click();
    await page.locator('.j-key', { hasText: 'metadata' }).first().waitFor();
  });

  it('shows an image of the trace when it is asked to, and loads none from elsewhere', async () => {
    const parts = [
      { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}` } },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } },
      { inlineData: { mimeType: 'image/png', data: pixel } },
      { type: 'image_url', image_url: { url: 'https://example.com/cat.png' } },
    ];
    const page = await open({ input: { messages: [{ role: 'user', content: parts }] } });
    const show = page.getByRole('button', { name: 'Show the image' });
    await show.first().waitFor();
    expect([await show.count(), await page.locator('img.picture').count()]).to.deep.equal([3, 0]);
    for (let left = 3; left > 0; left -= 1) await show.first().click();
    const widths = 'Promise.all([...document.images].map((i) => i.decode().then(() => i.naturalWidth)))';
    expect((await page.evaluate(widths)) as number[]).to.include.members([1]);
    expect(await page.locator('img.picture').count()).to.equal(3);
    await page.getByRole('link', { name: 'Open it in a new tab' }).waitFor();
  });

  it('reads texts in their own direction', async () => {
    const page = await open({ output: 'שלום עולם' });
    const direction = "getComputedStyle(document.querySelector('[aria-label=Output] .text')).direction";
    expect(await page.evaluate(direction)).to.equal('rtl');
  });

  const conversations: Record<string, { input: unknown; says: string[] }> = {
    "OpenAI's responses": {
      input: {
        instructions: 'Be kind.',
        input: [
          { role: 'user', content: [{ type: 'input_text', text: 'Weather?' }] },
          { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{"city":"Oslo"}' },
          { type: 'function_call_output', call_id: 'c1', output: 'cold' },
        ],
      },
      says: ['system', 'user', 'assistant', 'tool'],
    },
    Gemini: {
      input: {
        systemInstruction: { parts: [{ text: 'Be kind.' }] },
        contents: [
          { role: 'user', parts: [{ text: 'Weather?' }] },
          { role: 'model', parts: [{ functionCall: { name: 'weather', args: {} } }] },
        ],
      },
      says: ['system', 'user', 'assistant'],
    },
    'the AI SDK': {
      input: {
        system: 'Be kind.',
        messages: [
          { role: 'assistant', content: [{ type: 'tool-call', toolCallId: 'c', toolName: 'weather', input: {} }] },
          { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'c', toolName: 'weather', output: 'cold' }] },
        ],
      },
      says: ['system', 'assistant', 'tool'],
    },
    Anthropic: {
      input: {
        system: [{ type: 'text', text: 'Be kind.' }],
        messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'cold' }] }],
      },
      says: ['system', 'user'],
    },
  };
  for (const [of, { input, says }] of Object.entries(conversations)) {
    it(`shows messages of ${of} as a conversation`, async () => {
      const page = await open({ input });
      await page.locator('.message', { hasText: 'Be kind.' }).waitFor();
      expect(await page.locator('.message .who').allTextContents()).to.deep.equal(says);
      expect(await page.locator('.message .said > .json').count()).to.equal(0);
    });
  }

  it('shows the candidates of Gemini and the output of a response', async () => {
    const page = await open({
      input: { output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi' }] }] },
      output: { candidates: [{ content: { role: 'model', parts: [{ text: 'Hello' }] } }] },
    });
    await page.locator('.message', { hasText: 'Hello' }).waitFor();
    expect(await page.locator('.message .who').allTextContents()).to.deep.equal(['assistant', 'assistant']);
  });

  it('copies the exact prompt as code, in two clicks from the trace', async () => {
    const messages = [
      { role: 'system', content: "It's a test." },
      { role: 'user', content: 'Weather?' },
    ];
    const call = span('ask', 0, 900, {
      ...{ kind: 'LLM', model: 'gpt-5-mini', model_parameters: { temperature: 0.2 }, input: { messages } },
    });
    const id = await viewer.send(trace('copy', { spans: [call] }));
    const page = await viewer.open(`#/trace/${id}`, { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.locator('.row', { hasText: 'ask' }).click();
    const copied = async (name: string) => {
      await page.getByRole('button', { name, exact: true }).click();
      await page.getByText('Copied').waitFor();
      return (await page.evaluate('navigator.clipboard.readText()')) as string;
    };
    const openai = await copied('OpenAI');
    const body = JSON.parse(openai.slice(openai.indexOf('create(') + 7, openai.lastIndexOf(');\nconsole')));
    expect(body).to.deep.equal({ model: 'gpt-5-mini', temperature: 0.2, messages });
    expect(await copied('Anthropic'))
      .to.include('"system": "It\'s a test."')
      .and.include('"max_tokens"');
    expect(await copied('AI SDK')).to.include('openai("gpt-5-mini")');
    const curl = await copied('curl');
    expect(curl)
      .to.include("It'\\''s a test.")
      .and.match(/^curl https:/);
  });
});
