import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { json, lateSpansRecord, scoreRecord, spanRecord, startDelivery, traceRecord } from '../../support/delivery.js';
import { type RawRequest, raw, startRawServer } from '../../support/raw-server.js';
import { until } from '../../support/until.js';

const idOf = ({ body }: RawRequest): string => JSON.parse(body).trace_id;

/** The same with another type. */
function typed(type: string, status: string, body: string, ...headers: string[]): string {
  return raw(status, body, ...headers).replace('application/json', type);
}

function gzipped(body: string): Buffer {
  const bytes = gzipSync(body);
  const head = `HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: ${bytes.length}`;
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), bytes]);
}

describe('Delivery, of what acknowledges a trace', () => {
  const page = '<html><title>Wi-Fi</title>please\tlog in\u001b[2J';
  const none: Record<string, { answer: (request: RawRequest) => string | Buffer; said: string }> = {
    'a page': { answer: () => typed('text/html; charset=utf-8', '200 OK', page), said: 'HTTP 200 with text/html' },
    'a page that calls itself JSON': { answer: () => raw('202 Accepted', page), said: 'instead of a JSON object' },
    'a page without a type': {
      answer: () => `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(page)}\r\n\r\n${page}`,
      said: 'without a type',
    },
    'plain text': { answer: () => typed('text/plain', '200 OK', 'OK'), said: '(OK)' },
    'a JSON text': { answer: () => raw('200 OK', '"OK"'), said: '(OK)' },
    'a JSON list': { answer: () => raw('200 OK', '[]'), said: 'instead of a JSON object' },
    'nothing (200)': { answer: () => raw('200 OK', ''), said: 'HTTP 200 with an empty body' },
    'nothing (202)': { answer: () => raw('202 Accepted', ''), said: 'HTTP 202 with an empty body' },
    'nothing (204)': { answer: () => 'HTTP/1.1 204 No Content\r\n\r\n', said: 'HTTP 204 with an empty body' },
    'a 204 with a body': { answer: () => raw('204 No Content', '{}'), said: 'HTTP 204' },
    'a 205': { answer: () => raw('205 Reset Content', ''), said: 'HTTP 205' },
    'a 206': { answer: () => raw('206 Partial Content', '{}'), said: 'HTTP 206 that is no acknowledgement' },
    'an error in a 200': { answer: () => raw('200 OK', '{"error":"no such project"}'), said: '(no such project)' },
    'an error in a 202': {
      answer: () => raw('202 Accepted', '{"detail":"no such project"}'),
      said: '(no such project)',
    },
    'errors in a 200': {
      answer: () => raw('200 OK', '{"data":null,"errors":[{"message":"who are you"}]}'),
      said: '(who are you)',
    },
    'a 200 without success': { answer: () => raw('200 OK', '{"success":false,"message":"no"}'), said: '(no)' },
    'another trace': {
      answer: () => raw('202 Accepted', '{"trace_id":"5f0e8f10-3c2a-4b0a-9a55-6a0b6d1f7a01"}'),
      said: 'about another trace',
    },
    'an error in gzip': { answer: () => gzipped('{"error":"no such project"}'), said: '(no such project)' },
    'a login page elsewhere (302)': {
      answer: () => typed('text/html', '302 Found', '', 'Location: https://sso.example.com/login?state=secret'),
      said: 'HTTP 302 to https://sso.example.com/login,',
    },
    'a login page elsewhere (303)': {
      answer: () => raw('303 See Other', '', 'Location: /login'),
      said: 'HTTP 303 to /login,',
    },
    'another place (307)': {
      answer: () => raw('307 Temporary Redirect', '', 'Location: /v2/'),
      said: 'HTTP 307 to /v2/,',
    },
  };
  for (const [what, { answer, said }] of Object.entries(none)) {
    it(`P2 does not accept ${what} as an acknowledgement: keeps the traces, and logs the answer once`, async () => {
      let isRight = false;
      await using server = await startRawServer((request) => {
        request.socket.write(isRight ? raw('202 Accepted', `{"trace_id":"${idOf(request)}"}`) : answer(request));
      });
      const { delivery, lines, losses } = startDelivery(server.url, { timing: { blockedProbeMs: 30 } });
      for (let i = 0; i < 5; i += 1) delivery.trace(traceRecord());
      const flushed = delivery.flush();
      await until(() => server.requests.length >= 8); // some probes later
      expect(delivery.stats()).to.include({ delivered: 0, pending: 5, failed: 0 });
      const told = lines.filter((line) => line.includes('does not answer like a PandaProbe backend; check endpoint'));
      expect(told).to.have.length(1);
      expect(told[0]).to.include(said).and.include(`127.0.0.1:${server.port}`);
      expect(losses.map(({ items }) => items)).to.deep.equal([0]);
      expect(`${told[0]}${losses[0]?.message}`).to.not.match(/[\u0000-\u001f]/);
      expect(`${told[0]}${losses[0]?.message}`).to.not.include('state=secret');
      isRight = true;
      expect(await flushed).to.include({ ok: true, delivered: 5 });
      await delivery.shutdown();
    });
  }

  const given: Record<string, (request: RawRequest) => string | Buffer> = {
    'what the backend answers': (request) => raw('202 Accepted', `{"trace_id":"${idOf(request)}","task_id":"t"}`),
    'its id written otherwise': (request) =>
      raw('202 Accepted', `{"trace_id":"${idOf(request).replaceAll('-', '').toUpperCase()}"}`),
    'an empty object (200)': () => raw('200 OK', '{}'),
    'an empty object (201)': () => raw('201 Created', '{}'),
    'JSON of another kind': () => typed('application/vnd.api+json; charset=utf-8', '202 Accepted', '{"data":{}}'),
    'JSON without a type': () => 'HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}',
    'JSON behind a byte order mark': () => raw('202 Accepted', '\ufeff {}\n'),
    'JSON in gzip': () => gzipped('{"ok":true}'),
    'no error': () => raw('200 OK', '{"error":null,"errors":[],"success":true}'),
    'JSON that is longer than is read': () => raw('201 Created', `{"echo":"${'x'.repeat(2_000_000)}"}`),
  };
  for (const [what, answer] of Object.entries(given)) {
    it(`accepts ${what} as an acknowledgement`, async () => {
      await using server = await startRawServer((request) => request.socket.write(answer(request)));
      const { delivery } = startDelivery(server.url);
      delivery.trace(traceRecord());
      expect(await delivery.flush({ timeoutMs: 2000 })).to.include({ ok: true, delivered: 1 });
      await delivery.shutdown();
    });
  }

  it('P2 requires the same for late spans and scores', async () => {
    const isPage = new Set(['/spans', '/trace-scores']);
    await using server = await startRawServer((request) => {
      const [, path = ''] = /^POST (\S+)/.exec(request.head) ?? [];
      const call = [...isPage].find((end) => path.endsWith(end));
      if (call === undefined) request.socket.write(raw('202 Accepted', '{}'));
      else if (isPage.delete(call)) request.socket.write(typed('text/html', '200 OK', '<p>log in'));
      else request.socket.write(raw('201 Created', '{"span_ids":[]}'));
    });
    const { delivery, lines } = startDelivery(server.url, { timing: { blockedProbeMs: 30 } });
    const trace = traceRecord();
    delivery.trace(trace);
    delivery.lateSpans(lateSpansRecord(trace.traceId, spanRecord({ input: json(1) })));
    delivery.score(scoreRecord(trace.traceId));
    void delivery.flush();
    await until(() => isPage.size === 0 && delivery.stats().pending === 0);
    expect(lines.filter((line) => line.includes('HTTP 200 with text/html'))).to.have.length(1);
    expect(delivery.stats()).to.include({ delivered: 3 });
    await delivery.shutdown();
  });
});
