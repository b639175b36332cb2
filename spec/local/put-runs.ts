import { known, type Running, span, trace } from '../support/local-server.js';

/** Two runs of one agent, in one session, of which the second failed, and a later run of another. */
export async function putRuns(running: Running): Promise<void> {
  const put = (body: object) => running.call('POST', '/traces', body, known);
  const at = (seconds: number) => `2026-03-29T10:00:0${seconds}Z`;
  const lookup = { name: 'look_up', kind: 'TOOL', started_at: at(1), ended_at: at(2) };
  const answer = { name: 'answer', kind: 'LLM', started_at: at(2), output: 'yes' };
  const first = [
    span(11, { ...lookup, status: 'OK', input: { order: 'A-1' }, output: 'shipped' }),
    span(12, { ...answer, ended_at: at(5), status: 'OK', model: 'gpt-5.4', token_usage: { prompt_tokens: 100 } }),
  ];
  const second = [
    span(21, { ...lookup, status: 'ERROR', error: 'timeout\nafter 1 s', ended_at: at(3) }),
    span(22, { name: 'retry "now"', kind: 'TOOL', status: 'OK', started_at: at(3), ended_at: at(4) }),
    span(23, {
      ...{ ...answer, started_at: at(4), ended_at: at(5), status: 'OK', model: 'gpt-5.5' },
      ...{ token_usage: { prompt_tokens: 40, completion_tokens: 10 }, cost: { total: 0.25 } },
    }),
  ];
  const mine = { session_id: 's-1', user_id: 'ana', input: 'where is it?' };
  await put(trace(1, { name: 'support', ...mine, spans: first, ended_at: at(5), release: '1.0', environment: 'prod' }));
  await put(
    trace(2, {
      ...{ name: 'support', ...mine, spans: second, started_at: at(1), ended_at: at(6), tags: ['vip'] },
      ...{ release: '1.1', environment: 'staging', output: 'it is lost', status: 'ERROR' },
    }),
  );
  await put(trace(3, { name: 'index', started_at: '2026-03-30T10:00:00Z', release: '1.1' }));
}
