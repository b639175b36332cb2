import { expect } from 'chai';
import { Client, ConsoleSink, type ConsoleStream, type Options, SpanData, TraceData } from '../../lib/index.js';
import { listenToStderr } from '../support/stderr.js';

/** A stream that keeps what is written, with the durations, which differ from run to run, as `N ms`. */
function keepingStream(isTTY = false, colors = false): ConsoleStream & { text: string } {
  return {
    text: '',
    isTTY,
    hasColors: () => colors,
    write(text) {
      this.text += text.replace(/\d+ ms|\d+\.\d\d s/g, 'N ms');
    },
  };
}

/** Records one trace of every sort of span. */
async function record(client: Client): Promise<void> {
  await client
    .trace('support-agent')
    .run(async (t) => {
      t.withSpan('retrieve', { kind: 'RETRIEVER' }, (s) => s.setOutput(['a document']));
      await t.withSpan('answer', { kind: 'AGENT' }, async (agent) => {
        agent.withSpan('generate', { kind: 'LLM', model: 'gpt-5.4' }, (s) =>
          s.setTokenUsage({ promptTokens: 150, completionTokens: 80, cacheReadTokens: 64 }).setCost({ total: 0.0021 }),
        );
        agent.withSpan('check', { kind: 'LLM' }, (s) =>
          s.setTokenUsage({ promptTokens: 20 }).setCost({ total: 0.001 }),
        );
        await agent.withSpan('send', { kind: 'TOOL' }, async () => {
          throw new Error('mail box\nfull');
        });
      });
    })
    .catch(() => {});
}

async function printed(stream: ConsoleStream & { text: string }, what: (client: Client) => unknown): Promise<string> {
  const client = new Client({ sinks: [new ConsoleSink(stream)] });
  await what(client);
  await client.shutdown();
  return stream.text;
}

describe('ConsoleSink', () => {
  it('prints a finished trace as a tree with kinds, models, tokens, costs and errors', async () => {
    expect(await printed(keepingStream(), record)).to.equal(
      [
        'support-agent N ms  250 tokens  $0.0031  ERROR',
        '├─ retrieve RETRIEVER N ms',
        '└─ answer AGENT N ms  ERROR mail box full',
        '   ├─ generate LLM gpt-5.4 N ms  230 tokens  $0.0021',
        '   ├─ check LLM N ms  20 tokens  $0.001',
        '   └─ send TOOL N ms  ERROR mail box full',
        '',
      ].join('\n'),
    );
  });

  it('prints times below a second in milliseconds, others in seconds, and tiny costs in full', async () => {
    let text = '';
    const client = new Client({ sinks: [new ConsoleSink({ write: (more: string) => (text += more) })] });
    const startedAt = new Date(1000);
    const step = new SpanData({ name: 'a', startedAt, endedAt: new Date(1999), cost: { total: 1.25e-7 } });
    client.logTrace(new TraceData({ name: 'run', startedAt, endedAt: new Date(2000), spans: [step] }));
    await client.shutdown();
    expect(text).to.equal('run 1.00 s  $0.000000125\n└─ a OTHER 999 ms  $0.000000125\n');
  });

  it('prints nothing before the trace has ended', async () => {
    const stream = keepingStream();
    const client = new Client({ sinks: [new ConsoleSink(stream)] });
    const t = client.trace('agent');
    t.span('step').end();
    expect(stream.text).to.equal('');
    t.end();
    expect(stream.text).to.equal('agent N ms\n└─ step OTHER N ms\n');
    await client.shutdown();
  });

  it('prints small costs without an exponent', async () => {
    for (const [total, text] of [
      [2e-7, '$0.0000002'],
      [1.23456e-8, '$0.00000001235'],
      [1.23456, '$1.235'],
    ] as const) {
      const lines = await printed(keepingStream(), (client) =>
        client.trace('t').run((t) => t.withSpan('embed', { kind: 'EMBEDDING' }, (s) => s.setCost({ total }))),
      );
      expect(lines).to.equal(`t N ms  ${text}\n└─ embed EMBEDDING N ms  ${text}\n`);
    }
  });

  it('draws deep and broad trees', async () => {
    const text = await printed(keepingStream(), (client) => {
      client.trace('t').run((t) => {
        for (const name of ['a', 'b']) {
          t.withSpan(name, (s) => {
            s.withSpan(`${name}1`, (one) => one.span(`${name}11`).end());
            s.span(`${name}2`).end();
          });
        }
      });
    });
    expect(text.replaceAll(' OTHER N ms', '')).to.equal(
      't N ms\n├─ a\n│  ├─ a1\n│  │  └─ a11\n│  └─ a2\n└─ b\n   ├─ b1\n   │  └─ b11\n   └─ b2\n',
    );
  });

  describe('colours', () => {
    const csi = '\u001b[';
    it('are used when the stream is a terminal that has them', async () => {
      const text = await printed(keepingStream(true, true), record);
      expect(text).to.include(`${csi}1msupport-agent${csi}22m`);
      expect(text).to.include(`${csi}36mTOOL${csi}39m`);
      expect(text).to.include(`${csi}31mERROR mail box full${csi}39m`);
    });

    it('are left out otherwise: no terminal, a terminal without colours, a stream that cannot say', async () => {
      const plain = await printed(keepingStream(false, false), record);
      const mute = keepingStream(true);
      delete mute.hasColors;
      for (const stream of [keepingStream(false, true), keepingStream(true, false), mute]) {
        expect(await printed(stream, record)).to.equal(plain);
      }
      expect(plain).not.to.include(csi);
    });
  });

  it('lets no control character of a name, model or error reach the terminal', async () => {
    const evil = 'a\u001b[2J\u0007\r\n\u009b31m\u202eb\u0000c';
    const text = await printed(keepingStream(true, false), (client) => {
      const t = client.trace(evil);
      t.span(evil, { model: evil }).end(new Error(evil));
      t.end();
    });
    expect(text.replaceAll('\n', '')).not.to.match(/[\p{Cc}\p{Cf}]/u);
    expect(text.split('\n')).to.have.length(3);
    expect(text.split('\n')[0]).to.equal('a [2J 31m bc N ms');
  });

  it('cuts an endless name', async () => {
    const text = await printed(keepingStream(), (client) => client.trace('n'.repeat(400)).end());
    expect(text).to.equal(`${'n'.repeat(119)}… N ms\n`);
  });

  it('P11 lets a stream that throws harm nobody', async () => {
    const stream: ConsoleStream = {
      write() {
        throw new Error('EPIPE');
      },
    };
    const said = listenToStderr();
    try {
      const client = new Client({ sinks: [new ConsoleSink(stream)] });
      expect(client.trace('t').run(() => 'through')).to.equal('through');
      await client.shutdown();
    } finally {
      said.restore();
    }
    expect(said.lines).to.deep.equal(['[pandaprobe] error: the sink console threw: EPIPE']);
  });

  describe('the option console: true', () => {
    it('prints on stderr beside what the sinks get', async () => {
      const names: string[] = [];
      const options: Options = { console: true, sinks: [{ name: 'mine', trace: (one) => names.push(one.name) }] };
      const said = listenToStderr();
      try {
        const client = new Client(options);
        client.trace('agent').end();
        await client.shutdown();
      } finally {
        said.restore();
      }
      expect(names).to.deep.equal(['agent']);
      expect(said.lines.map((line) => line.replace(/\d+ ms/, 'N ms'))).to.deep.equal(['agent N ms']);
    });
  });
});
