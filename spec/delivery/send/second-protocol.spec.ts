import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { createTransport } from '../../../lib/delivery/http/transport.js';
import { ItemPool } from '../../../lib/delivery/queue/item-pool.js';
import { Sender } from '../../../lib/delivery/send/sender.js';
import { packJobs } from '../../../lib/delivery/wire/job-codec.js';
import type { Report, Result, SenderSettings } from '../../../lib/delivery/wire/messages.js';
import type { Exchange } from '../../../lib/delivery/wire/protocol.js';

/**
 * Another protocol than PandaProbe's: up to eight items in one request, gzipped, of a type that is not JSON. The answer is a byte
 * for each item, 0 where it was refused.
 */
const binary: Exchange = {
  routeOf: () => 'traces',
  headersFor: ({ apiKey }) => ({ Authorization: `Bearer ${apiKey}` }),
  countTogether: (waiting) => Math.min(waiting.length, 8),
  async send(jobs, { transport }) {
    const body = gzipSync(Buffer.concat(jobs.flatMap(({ bodies }) => bodies)));
    const headers = { 'Content-Type': 'application/octet-stream', 'Content-Encoding': 'gzip' };
    const answer = await transport.post('/v1/all', body, headers);
    return jobs.map(({ id, acknowledged }, at): Result => {
      const account = { id, attempts: 1, notes: [] };
      if (answer.kind === 'none' || answer.status !== 200) {
        const obstacle = { cause: 'fault', status: undefined, detail: 'none' } as const;
        return { ...account, ...obstacle, kind: 'retry', rest: { acknowledged }, isUncertain: false };
      }
      if (answer.bytes[at] === 0) return { ...account, kind: 'refused', status: 200, detail: 'not this one' };
      return { ...account, kind: 'delivered' };
    });
  },
};

describe('Sender with another protocol', () => {
  it('sends many items in one compressed request, and reports the outcome of each', async () => {
    const seen: { readonly headers: NodeJS.Dict<unknown>; readonly text: string }[] = [];
    const server = createServer(async (request, response) => {
      const text = gunzipSync(await buffer(request)).toString();
      seen.push({ headers: request.headers, text });
      response.end(Buffer.from([...text].map((char) => (char === 'c' ? 0 : 255))));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const settings: SenderSettings = {
      ...{ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, apiKey: 'key', projectName: '' },
      ...{ userAgent: 'spec', requestTimeoutMs: 10_000, maxBodyBytes: 1_048_576, sockets: 1 },
      ...{ reportsRequests: true, unrefSockets: false, proxy: undefined, tls: undefined },
    };
    const pool = new ItemPool(1e6);
    const items = [...'abcdefghij'].map((text, at) => pool.item(at + 1, 'trace', `t${at}`, [text]));
    const reports: Report[] = [];
    await new Promise<void>((resolve) => {
      const transport = createTransport(settings, binary.headersFor(settings));
      const sender = new Sender(settings, binary, transport, (report) => {
        reports.push(report);
        const told = reports.flatMap(({ delivered, results }) => [...delivered, ...results]);
        if (told.length === items.length) resolve();
      });
      sender.receive({ type: 'send', seen: { traces: 0, other: 0 }, jobs: packJobs(items) });
    });
    server.close();
    server.closeAllConnections();

    expect(seen.map(({ text }) => text)).to.deep.equal(['abcdefgh', 'ij']);
    expect(seen[0]?.headers).to.include({
      ...{ authorization: 'Bearer key', 'content-type': 'application/octet-stream', 'content-encoding': 'gzip' },
    });
    expect(reports.flatMap(({ delivered }) => delivered)).to.have.members([1, 2, 4, 5, 6, 7, 8, 9, 10]);
    expect(reports.flatMap(({ results }) => results)).to.deep.equal([
      { id: 3, attempts: 1, notes: [], kind: 'refused', status: 200, detail: 'not this one' },
    ]);
    const [line] = reports.flatMap(({ requests = [] }) => requests);
    expect(line).to.match(/^POST \/v1\/all, \d+ bytes: 200 in \d+ ms; 8 items \(trace t0, .*trace t7\), request /);
  });
});
