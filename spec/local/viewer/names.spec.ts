import { expect } from 'chai';
import { span, trace, useViewer } from './viewer.js';

/** Parts of every object, which are no page, project, model or role for that. */
const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

describe('Viewer: names that are parts of every object', () => {
  const viewer = useViewer();

  for (const name of names) {
    it(`has no page #/${name}, and says so`, async () => {
      const page = await viewer.open(`#/${name}`);
      await page.getByText('There is no such page.').waitFor();
      expect(await page.title()).to.equal('Not found · pandaprobe local');
      await page.getByRole('link', { name: 'All traces' }).click();
      await page.getByRole('searchbox').waitFor();
      expect(page.url()).to.match(/#\/traces$/);
    });
  }

  it('goes to a page of such a name, and back from another', async () => {
    await viewer.send(trace('one'));
    const page = await viewer.open('#/traces');
    await page.getByRole('link', { name: 'one' }).waitFor();
    await page.evaluate("location.hash = '#/__proto__/x?__proto__=1'");
    await page.getByText('There is no such page.').waitFor();
    await page.goBack();
    await page.getByRole('link', { name: 'one' }).waitFor();
  });

  it('shows such names as roles, keys, kinds of values, tags, users, sessions and models', async () => {
    const messages = names.map((role) => ({ role, content: `said by ${role}` }));
    const metadata = JSON.parse('{"__proto__":"own","constructor":{"prototype":1},"toString":null}');
    const spans = [
      span('ask', 0, 10, { kind: 'LLM', model: '__proto__', cost: { total: 1, toString: 2 }, input: { messages } }),
    ];
    const id = await viewer.send(
      trace('named', {
        input: { messages },
        metadata,
        tags: names,
        user_id: '__proto__',
        session_id: 'constructor',
        spans,
      }),
    );
    const page = await viewer.open(`#/trace/${id}`);
    for (const name of names) await page.getByText(`said by ${name}`).first().waitFor();
    const roles = await page.locator('.message .who').allTextContents();
    expect(roles.slice(0, 4)).to.deep.equal(names);
    expect(await page.locator('.j-key').allTextContents()).to.include.members(['__proto__', 'constructor', 'toString']);
    for (const address of [
      '#/session/constructor',
      '#/traces?tag=__proto__&user=__proto__',
      '#/traces?session=constructor',
    ]) {
      const there = await viewer.open(address);
      await there.getByText('named').first().waitFor();
    }
  });

  it('keeps an unknown parameter of such a name', async () => {
    await viewer.send(trace('two'));
    const page = await viewer.open('#/traces?__proto__=1&q=two');
    await page.getByRole('link', { name: 'two' }).waitFor();
    await page.getByRole('searchbox').fill('tw');
    await page.getByRole('link', { name: 'two' }).waitFor();
    await page.waitForURL(/q=tw(&|$)/);
    expect(page.url()).to.include('__proto__=1');
  });
});
