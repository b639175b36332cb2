import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import {
  Client,
  init,
  MemorySink,
  ScoreDataType,
  type ScoreOptions,
  score,
  shutdown,
  startTrace,
} from '../../lib/index.js';
import { checkBody } from '../support/contract.js';
import { startReceiver } from '../support/receiver.js';
import { listenToStderr } from './said.js';

describe('score()', () => {
  let sink: MemorySink;
  let client: Client;
  beforeEach(() => {
    sink = new MemorySink();
    client = new Client({ sinks: [sink] });
  });
  afterEach(() => client.shutdown());
  const id = randomUUID();

  describe('value and data type', () => {
    const cases: readonly (readonly [value: string | number | boolean, ScoreOptions | undefined, expected: string])[] =
      [
        [0.85, undefined, '0.85 NUMERIC'],
        [-3, undefined, '-3 NUMERIC'],
        [0, undefined, '0 NUMERIC'],
        [true, undefined, 'true BOOLEAN'],
        [false, undefined, 'false BOOLEAN'],
        ['PASS', undefined, 'PASS CATEGORICAL'],
        ['0.5', undefined, '0.5 NUMERIC'],
        ['true', undefined, 'true CATEGORICAL'],
        ['PASS', { dataType: 'CATEGORICAL' }, 'PASS CATEGORICAL'],
        ['true', { dataType: 'BOOLEAN' }, 'true BOOLEAN'],
        ['0.5', { dataType: ScoreDataType.NUMERIC }, '0.5 NUMERIC'],
        [' 0.5 ', { dataType: 'NUMERIC' }, '0.5 NUMERIC'],
        [1, { dataType: 'CATEGORICAL' }, '1 CATEGORICAL'],
      ];
    for (const [value, options, expected] of cases) {
      const how = options === undefined ? 'without a data type' : `as ${options.dataType}`;
      it(`takes ${JSON.stringify(value)} ${how} for ${expected}`, () => {
        client.score(id, 'quality', value, options);
        expect(sink.scores.map((one) => `${one.value} ${one.dataType}`)).to.deep.equal([expected]);
      });
    }
  });

  it('carries a reason and metadata', () => {
    client.score(id, 'helpful', true, { reason: 'thumbs up', metadata: { by: 'user-42' } });
    client.score(id, 'helpful', true, { reason: null, metadata: null });
    expect(sink.scores).to.deep.equal([
      {
        traceId: id,
        name: 'helpful',
        value: 'true',
        dataType: 'BOOLEAN',
        reason: 'thumbs up',
        metadata: { by: 'user-42' },
      },
      { traceId: id, name: 'helpful', value: 'true', dataType: 'BOOLEAN', reason: undefined, metadata: {} },
    ]);
  });

  describe('what the backend would refuse', () => {
    const wrong: Record<string, (to: Client) => void> = {
      'an id that is no UUID': (to) => to.score('trace-1', 'quality', 1),
      'no id': (to) => to.score(undefined as unknown as string, 'quality', 1),
      'an empty name': (to) => to.score(id, '', 1),
      'a name of which nothing is left': (to) => to.score(id, '\u0000\ud800', 1),
      'a name that is no text': (to) => to.score(id, 7 as unknown as string, 1),
      NaN: (to) => to.score(id, 'quality', Number.NaN),
      Infinity: (to) => to.score(id, 'quality', Number.POSITIVE_INFINITY),
      'a text as NUMERIC': (to) => to.score(id, 'quality', 'good', { dataType: 'NUMERIC' }),
      'a hexadecimal number, which is none to the backend': (to) =>
        to.score(id, 'quality', '0x10', { dataType: 'NUMERIC' }),
      'a number as BOOLEAN': (to) => to.score(id, 'quality', 1, { dataType: 'BOOLEAN' }),
      'an empty text': (to) => to.score(id, 'quality', ''),
      'a data type that does not exist': (to) => to.score(id, 'quality', 1, { dataType: 'STARS' as 'NUMERIC' }),
      'a value that cannot be read': (to) => to.score(id, 'quality', Object.create(null) as string),
      'options that throw': (to) =>
        to.score(id, 'quality', 1, {
          get dataType(): never {
            throw new Error('no');
          },
        }),
    };
    for (const [what, send] of Object.entries(wrong)) {
      it(`leaves out ${what}, with one warning`, () => {
        const said = listenToStderr();
        try {
          send(client);
          send(client);
        } finally {
          said.restore();
        }
        expect(sink.scores).to.deep.equal([]);
        expect(said.lines).to.have.length(1);
        expect(said.lines[0]).to.match(/^\[pandaprobe\] warning: a score is left out: .+/);
      });
    }
  });

  it('reaches the backend after its trace, from the process-wide client', async () => {
    await using receiver = await startReceiver({ check: checkBody, storeAfterMs: 20 });
    init({ apiKey: 'sk_pp_key', projectName: 'specs', endpoint: receiver.url, worker: 'inline' });
    const own = startTrace('scored');
    own.end();
    score(own.traceId, 'helpful', 0.5, { reason: 'so-so', metadata: { round: 2 } });
    expect(await shutdown()).to.include({ ok: true, delivered: 2 });
    const [stored] = receiver.trace('scored').scores;
    expect(stored).to.deep.include({
      trace_id: own.traceId,
      name: 'helpful',
      value: '0.5',
      data_type: 'NUMERIC',
      source: 'PROGRAMMATIC',
      reason: 'so-so',
      metadata: { round: 2 },
    });
    expect(receiver.problems).to.deep.equal([]);
  });

  for (const value of [1e21, 1e-7, -0, Number.MAX_VALUE, Number.MIN_VALUE]) {
    it(`writes ${Object.is(value, -0) ? '-0' : value} as the backend reads numbers`, () => {
      client.score(id, 'quality', value);
      const [only] = sink.scores;
      expect(Number(only?.value)).to.equal(value + 0);
      const body = {
        trace_id: id,
        name: 'quality',
        value: only?.value,
        data_type: only?.dataType,
        source: 'PROGRAMMATIC',
      };
      expect(checkBody('POST /evaluations/trace-scores', body)).to.deep.equal([]);
    });
  }
});

describe('score() of a trace that is still open', () => {
  it('waits for the trace to end', () => {
    const memory = new MemorySink();
    init({ sinks: [memory] });
    const t = startTrace('agent');
    score(t.traceId, 'helpful', true);
    expect(memory.scores).to.have.length(0);
    t.end();
    expect(memory.scores.map((one) => [one.traceId, one.name, one.value])).to.deep.equal([
      [t.traceId, 'helpful', 'true'],
    ]);
  });

  it('is left out with a trace that the sampling leaves out', () => {
    const memory = new MemorySink();
    init({ sinks: [memory], sampleRate: 0 });
    const t = startTrace('agent');
    score(t.traceId, 'helpful', true);
    t.end();
    score(t.traceId, 'helpful', false);
    expect(memory.scores).to.have.length(0);
  });
});
