import { expect } from 'chai';
import type { ApiTrace } from '../../lib/local/api/api.js';
import { fittingSpans, traceFits } from '../../lib/local/search/filter-test.js';
import { readFilterText } from '../../lib/local/wire/filter-text.js';
import { Issues } from '../../lib/local/wire/issues.js';
import { id, type Running, span, startRunning, trace } from '../support/local-server.js';
import { sequence } from '../support/random.js';

describe('A filter of traces and steps', () => {
  const random = sequence(7);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T; // in range
  const maybe = <T extends object>(fields: T) => (random() < 0.6 ? fields : {});
  const names = ['ana', 'Ana', 'bo', 'a%b', 'a_b', 'über', 'ÜBER', 'a"b', 'x\\y', 'a[Ñ]?'];
  const day = '2026-03-29T10:00:0';

  const randomSpan = (n: number) =>
    span(n, {
      ...{ name: pick(names), kind: pick(['LLM', 'TOOL', 'OTHER']), status: pick(['OK', 'ERROR', 'UNSET']) },
      ...{ started_at: `${day}${pick(['0', '1'])}Z`, ...maybe({ ended_at: `${day}${pick(['1', '3', '3.5'])}Z` }) },
      ...maybe({ model: pick(['gpt-5', 'GPT-5', 'gpt-5-mini', 'МОДЕЛЬ', 'модель', 'İ']) }),
      ...maybe({ error: pick(['card declined', 'Card Declined', 'été', '']) }),
      ...maybe({ token_usage: { prompt_tokens: pick([1, 10, 100]), completion_tokens: pick([0, 10]) } }),
      ...maybe({ cost: { total: pick([0, 0.1, 0.25]) } }),
    });
  const randomTrace = (n: number) =>
    trace(n, {
      ...{ name: pick(names), status: pick(['COMPLETED', 'ERROR', 'RUNNING', 'PENDING']) },
      ...{ started_at: `${day}0Z`, ...maybe({ ended_at: `${day}${pick(['1', '3', '3.5'])}Z` }) },
      ...maybe({ user_id: pick(names) }),
      ...maybe({ session_id: pick(names) }),
      ...maybe({ environment: pick(['prod', 'Prod', 'test', 'Prüfung', 'PRÜFUNG']) }),
      ...maybe({ release: pick(['1.0', '2.4', 'V1', 'Ω1', 'ω1']) }),
      ...maybe({ tags: [pick(['vip', 'Vip', 'new']), pick(['a', 'b'])] }),
      spans: Array.from({ length: Math.floor(random() * 4) }, (_, at) => randomSpan(n * 10 + at)),
    });

  const quoted = (text: string) => `"${text}"`;
  const plain = names.filter((name) => !name.includes('"'));
  const pattern = () =>
    quoted(pick([pick(plain), 'a*', '*b', '*', 'A*B', 'ü*', '*e*', '*ÜB*', 'Über', 'A[ñ]?', '*ñ]*']));
  const words: readonly (() => string)[] = [
    () => `name:${pattern()}`,
    () => `user:${pattern()}`,
    () => `session:${pattern()}`,
    () => `env:${pick(['prod', 'PROD', 'p*', 'prüfung', '*ÜF*'])}`,
    () => `release:${pick(['1.0', 'v1', '*.*', 'ω1', 'Ω*'])}`,
    () => `tag:${pick(['vip', 'VIP', 'a'])}`,
    () => `kind:${pick(['llm', 'TOOL', '*o*'])}`,
    () => `model:${pick(['gpt-5', 'gpt-5*', 'Модель', '*ДЕЛ*', 'İ'])}`,
    () => `status:${pick(['ok', 'error', 'running', 'completed', 'unset', 'e*'])}`,
    () => `error:${quoted(pick(['card', 'CARD declined', 'été', 'rd de']))}`,
    () => `duration:${pick(['>', '>=', '<', '<=', '=', ''])}${pick(['1s', '3s', '500ms', '2500ms'])}`,
    () => `tokens:${pick(['>', '>=', '<', '<=', '=', ''])}${pick(['0', '10', '20', '110'])}`,
    () => `cost:${pick(['>', '>=', '<', '<=', '=', ''])}${pick(['0', '0.1', '0.25'])}`,
    () => `spans:${pick(['>', '<', '='])}${pick(['0', '1', '2'])}`,
  ];

  let running: Running;
  let traces: ApiTrace[];
  before(async () => {
    running = await startRunning();
    traces = [];
    for (let n = 1; n <= 60; n += 1) {
      expect((await running.call('POST', '/traces', randomTrace(n))).status).to.equal(202);
      traces.push((await running.call('GET', `/traces/${id(n)}`)).body);
    }
    for (let indexing = 1; indexing > 0; )
      indexing = (await running.call('GET', '/local/traces?filter=a')).body.indexing;
  });
  after(() => running[Symbol.asyncDispose]());

  it('selects the same on a local server as on one that has no search', async () => {
    for (let round = 0; round < 150; round += 1) {
      const text = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(words)()).join(' ');
      const filter = readFilterText(text, new Issues());
      const query = new URLSearchParams({ filter: text, limit: '200' });
      const found = await running.call('GET', `/local/traces?${query}`);
      const ids = found.body.items.map((item: { trace_id: string }) => item.trace_id).toSorted();
      const fitting = traces.filter((each) => traceFits(each, filter)).map(({ trace_id }) => trace_id);
      expect(fitting.toSorted(), `traces by ${text}`).to.deep.equal(ids);
      const steps = await running.call('GET', `/local/steps?${query}`);
      const spans = steps.body.items.map((item: { span_id: string }) => item.span_id).toSorted();
      const alike = traces.flatMap((each) => fittingSpans(each, filter)).map(({ span_id }) => span_id);
      expect(alike.toSorted(), `steps by ${text}`).to.deep.equal(spans);
    }
  });
});
