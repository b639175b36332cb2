import { expect } from 'chai';
import { json, spanRecord, startDelivery, traceRecord } from '../../support/delivery.js';
import { accepted, type RawRequest, raw, startRawServer } from '../../support/raw-server.js';

const patience = { requestTimeoutMs: 300 };

/** What a server may do instead of answering; each leaves the request without an acknowledgement. */
const odd: Record<string, (request: RawRequest) => void> = {
  'changes to another protocol (101)': ({ socket }) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
  'changes to another protocol and talks in it': ({ socket }) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n\x81\x05hello'),
  'says 101 with no upgrade': ({ socket }) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
  'says 100 and then nothing': ({ socket }) => socket.write('HTTP/1.1 100 Continue\r\n\r\n'),
  'gives early hints without end': ({ socket }) => {
    const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'), 20);
    socket.on('close', () => clearInterval(timer));
  },
  'speaks HTTP/0.9': ({ socket }) => socket.end('<html>hello'),
  'speaks another protocol': ({ socket }) => socket.write('220 mail.example ESMTP\r\n'),
  'sends a head that is too large': ({ socket }) =>
    socket.write(raw('202 Accepted', '{}', `X: ${'x'.repeat(200_000)}`)),
  'sends a head without end': ({ socket }) => socket.write('HTTP/1.1 202 Accepted\r\nContent-'),
  'dies in the head': ({ socket }) => socket.end('HTTP/1.1 202 Accepted\r\nContent-'),
  'dies after the head': ({ socket }) => socket.end(raw('202 Accepted', '{}').replace(/{}$/, '')),
  'sends a head and then nothing': ({ socket }) => socket.write(raw('202 Accepted', '{}').replace(/{}$/, '')),
  'dies in the body': ({ socket }) => socket.end(raw('202 Accepted', '{} ').replace(/{} $/, '{')),
  'dies in a body of chunks': ({ socket }) =>
    socket.end('HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n'),
  'sends chunks that are none': ({ socket }) =>
    socket.write('HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n'),
  'sends a body without end': ({ socket }) => {
    socket.write('HTTP/1.1 202 Accepted\r\nContent-Length: 100000\r\n\r\n');
    const timer = setInterval(() => socket.write(' '), 20);
    socket.on('close', () => clearInterval(timer));
  },
  'answers with a status that is none': ({ socket }) => socket.write(raw('999 Odd', '{}')),
  'answers with status 0': ({ socket }) => socket.write(raw('000 Odd', '{}')),
  'closes without a word': ({ socket }) => socket.end(),
  'resets the connection': ({ socket }) => socket.resetAndDestroy(),
};

describe('Delivery, from a server that', () => {
  for (const [what, act] of Object.entries(odd)) {
    it(`${what}: delivers as soon as the answers are right, whatever happened on each socket`, async () => {
      await using server = await startRawServer((request) => {
        if (request.index < 6) act(request);
        else request.socket.write(accepted);
      });
      const { delivery } = startDelivery(server.url, patience);
      for (let i = 0; i < 8; i += 1) delivery.trace(traceRecord());
      expect(await delivery.flush({ timeoutMs: 15_000 })).to.include({ ok: true, delivered: 8 });
      expect(server.requests.length, 'it was met by each of the first six').to.be.at.least(14);
      await delivery.shutdown();
    });
  }

  const answered = {
    'sends garbage after its answer': `${accepted}garbage\r\n\r\n`,
    'sends a second answer nobody asked for': `${accepted}${raw('500 Error', '{}')}`,
    'sends early hints before its answer': `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${accepted}`,
    'gives no type': 'HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}',
    'says HTTP/1.0 and closes': 'HTTP/1.0 202 Accepted\r\n\r\n{}',
  };
  for (const [what, text] of Object.entries(answered)) {
    it(`${what}: delivers, each once`, async () => {
      await using server = await startRawServer(({ socket }) => {
        if (text.startsWith('HTTP/1.0')) socket.end(text);
        else socket.write(text);
      });
      const { delivery, losses } = startDelivery(server.url, {
        ...patience,
        timing: { backOffMs: 5, maxBackOffMs: 5 },
      });
      for (let i = 0; i < 8; i += 1) {
        delivery.trace(traceRecord());
        expect(await delivery.flush({ timeoutMs: 5000 })).to.include({ ok: true, delivered: i + 1 });
      }
      const ids = server.requests.map(({ body }) => JSON.parse(body).trace_id);
      expect(new Set(ids)).to.have.length(8);
      expect(losses).to.deep.equal([]);
      await delivery.shutdown();
    });
  }

  /** More than the buffers of a connection on this machine take. */
  const large = () => traceRecord({ spans: [spanRecord({ input: json('x'.repeat(8_000_000)) })] });
  const room = { maxBodyBytes: 64_000_000, maxQueueBytes: 512_000_000 };

  it('answers 503 before it has read the body, and reads no more: is not asked on that socket again', async () => {
    let met = 0;
    await using server = await startRawServer(
      ({ socket }) => socket.write(accepted),
      (_, socket) => {
        met += 1;
        if (met > 6) return false;
        socket.write(raw('503 Busy', '{"detail":"busy"}'));
        return true;
      },
    );
    const { delivery } = startDelivery(server.url, { ...patience, ...room });
    delivery.trace(large());
    expect(await delivery.flush({ timeoutMs: 15_000 })).to.include({ ok: true, delivered: 1 });
    expect(met).to.be.at.least(7);
    await delivery.shutdown();
  });

  it('answers 202 before it has read the body, and reads no more: does not take that for an acknowledgement', async () => {
    await using server = await startRawServer(
      ({ socket }) => socket.write(accepted),
      (_, socket) => {
        socket.write(accepted);
        return true;
      },
    );
    const { delivery } = startDelivery(server.url, { ...patience, ...room });
    delivery.trace(large());
    expect(await delivery.flush({ timeoutMs: 1500 })).to.include({ ok: false, delivered: 0, pending: 1 });
    await delivery.shutdown({ timeoutMs: 0 });
  });
});
