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
import { listenToStderr } from '../support/stderr.js';

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
        [1, undefined, '1 NUMERIC'],
        [0, undefined, '0 NUMERIC'],
        [-0, undefined, '0 NUMERIC'],
        ['+.50', undefined, '0.5 NUMERIC'],
        [5, { dataType: 'CATEGORICAL' }, '5 CATEGORICAL'],
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

  for (const written of [
    id.toUpperCase(),
    '4BF92F3577B34DA6A3CE929D0E0E4736',
    '4bf92f35-77b3-0da6-03ce-929d0e0e4736',
  ]) {
    it(`takes the trace id ${written === id.toUpperCase() ? 'in upper case' : written}`, () => {
      client.score(written, 'quality', 1);
      const plain = sink.scores[0]?.traceId;
      expect(plain).to.match(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(plain?.replaceAll('-', '')).to.equal(written.replaceAll('-', '').toLowerCase());
    });
  }

  it('cuts a name and a category to 255 characters, and says so', () => {
    const said = listenToStderr();
    try {
      client.score(id, 'n'.repeat(300), '😀'.repeat(300));
    } finally {
      said.restore();
    }
    expect(sink.scores).to.have.length(1);
    expect(sink.scores[0]).to.include({ name: 'n'.repeat(255), value: '😀'.repeat(255) });
    expect(said.lines).to.have.length(2);
    for (const line of said.lines)
      expect(line).to.match(/the (name|value) of a score is longer than 255 characters and cut/);
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
      'the nil id': (to) => to.score('0'.repeat(32), 'quality', 1),
      'an id of 64 bits': (to) => to.score('00f067aa0ba902b7', 'quality', 1),
      'a number over 1': (to) => to.score(id, 'rating', 5),
      'a number just over 1': (to) => to.score(id, 'rating', 1.0000001),
      'a number below 0': (to) => to.score(id, 'rating', -0.1),
      'a text of a number over 1': (to) => to.score(id, 'rating', '1e3'),
      'a category of spaces': (to) => to.score(id, 'verdict', ' \n'),
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

  it('logs the range of a number, the value, and what to do instead', () => {
    const said = listenToStderr();
    try {
      client.score(id, 'rating', 5);
    } finally {
      said.restore();
    }
    expect(said.lines[0]).to.include('a NUMERIC value from 0 to 1').and.include('got 5').and.include('stars / 5');
    expect(said.lines[0]).to.include("dataType: 'CATEGORICAL'");
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

  const numbers: readonly (readonly [given: number | string, sent: string])[] = [
    [1e-7, '0.0000001'],
    [1.5e-9, '0.0000000015'],
    [Number.MIN_VALUE, '0'],
    ['1e-400', '0'],
    ['1E-2', '0.01'],
    ['100e-2', '1'],
    [Number.EPSILON, '0.00000000000000022204'],
    [1 - Number.EPSILON / 2, '0.9999999999999999'],
  ];
  for (const [given, sent] of numbers) {
    it(`writes ${given} as plain decimals`, () => {
      client.score(id, 'quality', given);
      const [only] = sink.scores;
      expect(only).to.include({ value: sent, dataType: 'NUMERIC' });
      const body = { trace_id: id, name: 'quality', value: sent, data_type: 'NUMERIC', source: 'PROGRAMMATIC' };
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
