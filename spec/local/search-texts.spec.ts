import { expect } from 'chai';
import { id, known, type Running, span, startRunning, trace } from '../support/local-server.js';

const inProject = (name: string) => ({ ...known, 'X-Project-Name': name });

describe('Texts that are searched in the local server', () => {
  let running: Running;

  /** Names of the traces that fit, as the list has them. */
  async function found(filter: string, project: string): Promise<string[]> {
    const path = `/local/traces?filter=${encodeURIComponent(filter)}`;
    const { body } = await running.call('GET', path, undefined, inProject(project));
    return body.items.map(({ name }: { name: string }) => name).sort();
  }

  before(async () => {
    running = await startRunning();
  });
  after(() => running[Symbol.asyncDispose]());

  it('finds letters of other alphabets in errors and names, in any case, and the end of a long error', async () => {
    const put = (n: number, name: string, error: string) =>
      running.call('POST', '/traces', trace(n, { name, spans: [span(n, { error })] }), inProject('abc'));
    await put(60, 'Über den Wolken', `Ошибка: нет связи. ${'x'.repeat(1000)} ECONNREFUSED`);
    await put(61, 'hay', 'OTHER');
    for (const filter of ['error:Ошибка', 'error:ошибка', 'error:"НЕТ СВЯЗИ"', 'error:econnrefused', 'name:über*'])
      expect(await found(filter, 'abc'), filter).to.deep.equal(['Über den Wolken']);
    const { body } = await running.call('GET', '/local/steps?filter=error:ECONN', undefined, inProject('abc'));
    expect(body.items[0].error).to.have.lengthOf(300);
  });

  it('finds words of languages that have no spaces', async () => {
    await running.call('POST', '/traces', trace(65, { input: '我想去北京旅游' }), inProject('cjk'));
    await running.call('POST', '/traces', trace(66, { output: '東京タワーはどこ？' }), inProject('cjk'));
    for (const word of ['北京', '京旅', '我想', '游'])
      expect(await found(word, 'cjk'), word).to.deep.equal(['trace-65']);
    for (const word of ['タワー', '東京 どこ', '"京タ"'])
      expect(await found(word, 'cjk'), word).to.deep.equal(['trace-66']);
    expect(await found('北旅', 'cjk')).to.deep.equal([]);
    await running.call('POST', '/traces', trace(67, { input: 'ฉันชอบกินข้าวเช้าทุกวัน' }), inProject('cjk'));
    await running.call('POST', '/traces', trace(68, { input: 'ខ្ញុំចង់ទៅភ្នំពេញ' }), inProject('cjk'));
    await running.call('POST', '/traces', trace(69, { input: 'ข่าว ຂ້ອຍຢາກໄປວຽງຈັນ မြန်မာစာသင်ချင်တယ်' }), inProject('cjk'));
    for (const word of ['ข้าวเช้า', 'กิน', 'ทุกวัน']) expect(await found(word, 'cjk'), word).to.deep.equal(['trace-67']);
    expect(await found('ភ្នំពេញ', 'cjk')).to.deep.equal(['trace-68']);
    for (const word of ['ວຽງຈັນ', 'သင်ချင်']) expect(await found(word, 'cjk'), word).to.deep.equal(['trace-69']);
  });

  it('finds the words of a long event stream, and none of Base64', async () => {
    const events = 'data: {"delta": "parsnip"}\n\n'.repeat(60);
    await running.call('POST', '/traces', trace(62, { output: events }), inProject('sse'));
    const image = `data:image/png;base64,${'turnip/'.repeat(200)}`;
    await running.call('POST', '/traces', trace(63, { output: image }), inProject('sse'));
    expect(await found('parsnip', 'sse')).to.deep.equal(['trace-62']);
    expect(await found('turnip', 'sse')).to.deep.equal([]);
  });

  it('shows whole characters where it shortens a text', async () => {
    const fields = { input: `${'x'.repeat(159)}🐼 and more`, spans: [span(64, { error: `${'y'.repeat(299)}🐼🐼` })] };
    await running.call('POST', '/traces', trace(64, fields), inProject('cut'));
    const { body } = await running.call('GET', '/local/traces', undefined, inProject('cut'));
    expect(body.items[0].input_preview).to.equal(`${'x'.repeat(159)}🐼…`);
    const { body: steps } = await running.call('GET', '/local/steps', undefined, inProject('cut'));
    expect(steps.items[0].error).to.equal(`${'y'.repeat(299)}🐼`);
  });

  it('indexes a long trace again only after a pause, and answers meanwhile', async () => {
    const batch = (from: number) => Array.from({ length: 500 }, (_, n) => span(70_000 + from + n));
    await running.call('POST', '/traces', trace(70), inProject('long'));
    for (let from = 0; from < 3000; from += 500)
      await running.call('POST', `/traces/${id(70)}/spans`, batch(from), inProject('long'));
    const list = async (filter: string) =>
      (await running.call('GET', `/local/traces?filter=${filter}`, undefined, inProject('long'))).body;
    const untilFound = async (word: string) => {
      while ((await list(word)).total === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    };
    await untilFound('span-72999');
    await running.call('POST', `/traces/${id(70)}/spans`, [span(80_000, { output: 'late' })], inProject('long'));
    expect(await list('late')).to.include({ total: 0, indexing: 1 });
    await untilFound('late');
    expect(await list('late')).to.include({ total: 1, indexing: 0 });
  });
});
