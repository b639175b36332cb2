import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import type sinon from 'sinon';
import { Client } from '../../lib/client/client.js';
import { init } from '../../lib/client/global-client.js';
import { MemorySink } from '../../lib/client/sinks/memory-sink.js';
import { pandaProbeSpanProcessor } from '../../lib/opentelemetry/opentelemetry.js';
import { fakeTime } from '../support/fake-time.js';
import { turns } from '../support/recording.js';
import { agent, chat, endAll, type FakeSpan, spanMaker, startAll } from './spans.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const trace = (at: number) => ({ trace: (at + 1).toString(16).padStart(32, '0') });

describe('The traces that a span processor holds', () => {
  let sink: MemorySink;
  let client: Client;
  let clock: sinon.SinonFakeTimers;
  let span: ReturnType<typeof spanMaker>;
  beforeEach(() => {
    clock = fakeTime('setTimeout', 'clearTimeout');
    sink = new MemorySink();
    client = new Client({ sinks: [sink] }, {});
    span = spanMaker();
  });
  afterEach(async () => {
    clock.restore();
    await client.shutdown();
  });
  const run = (otel: ReturnType<typeof pandaProbeSpanProcessor>, ...spans: readonly FakeSpan[]) => {
    startAll(otel, ...spans);
    endAll(otel, ...spans.toReversed());
  };
  const names = () => sink.traces.map(({ name, spans }) => `${name}: ${spans.map((each) => each.name).join()}`);

  it('are at most a thousand that are over: a later span of an older one is a trace of its own', () => {
    const otel = pandaProbeSpanProcessor({ client });
    const later = (at: number) => run(otel, span(`later ${at}`, chat, { ...trace(at), parent: `${at}` }));
    for (let at = 0; at < 1001; at += 1) run(otel, span(`agent ${at}`, agent, trace(at)));
    later(1);
    expect(names()).to.have.length(1001);
    expect(names()).to.include('agent 1: agent 1,later 1');
    later(0);
    expect(names()).to.have.length(1002);
    expect(names().at(-1)).to.equal('later 0: later 0');
  });

  it('need one timer while one is open, and none after that', () => {
    const otel = pandaProbeSpanProcessor({ client });
    const before = clock.countTimers();
    const [first, second] = [span('a', agent, trace(1)), span('b', agent, trace(2))];
    startAll(otel, first, second);
    expect(clock.countTimers() - before).to.equal(1);
    otel.onEnd(first);
    expect(clock.countTimers() - before).to.equal(1);
    clock.tick(600_000);
    expect(clock.countTimers() - before).to.equal(1);
    otel.onEnd(second);
    expect(clock.countTimers() - before).to.equal(0);
    clock.tick(600_000);
    const third = span('c', agent, trace(3));
    otel.onStart(third, undefined);
    expect(clock.countTimers() - before).to.equal(1);
    otel.onEnd(third);
    expect(clock.countTimers() - before).to.equal(0);
  });

  for (const what of ['starts', 'ends'] as const)
    it(`wait as long as something ${what} in the trace`, () => {
      const otel = pandaProbeSpanProcessor({ client });
      const root = span('request');
      const turn = span('turn', agent, { parent: root });
      const open = Array.from({ length: 60 }, () => span('query', {}, { parent: root }));
      startAll(otel, root, turn, ...(what === 'ends' ? open : []));
      otel.onEnd(turn);
      for (const each of open) {
        clock.tick(10_000);
        if (what === 'ends') otel.onEnd(each);
        else otel.onStart(each, undefined);
      }
      expect(names()).to.deep.equal([]);
      clock.tick(90_000);
      expect(names()).to.deep.equal(['turn: turn']);
    });

  it('remember the parents of at most ten thousand ended spans, and of the open ones', () => {
    const otel = pandaProbeSpanProcessor({ client });
    const root = span('request');
    const [early, running] = [span('early', agent, { parent: root }), span('running', agent, { parent: root })];
    startAll(otel, root, early, running);
    otel.onEnd(early);
    for (let i = 0; i < 12_000; i += 1) run(otel, span('query', {}, { parent: root }));
    run(otel, span('below early', chat, { parent: early }), span('below running', chat, { parent: running }));
    endAll(otel, running, root);
    const spans = sink.traces.flatMap((each) => each.spans);
    const parentOf = (name: string) => {
      const id = spans.find((each) => each.name === name)?.parentSpanId;
      return spans.find(({ spanId }) => spanId === id)?.name;
    };
    expect(spans.map(({ name }) => name)).to.have.members(['early', 'running', 'below early', 'below running']);
    expect([parentOf('below early'), parentOf('below running')]).to.deep.equal([undefined, 'running']);
  });

  it('have at most ten thousand open spans: beyond that, the oldest are sent as unfinished, and the others end as always', () => {
    const otel = pandaProbeSpanProcessor({ client });
    const [root, turn] = [span('request'), span('turn', agent)];
    const loop = span('loop', agent, { parent: root });
    startAll(otel, root, turn, loop);
    for (let i = 0; i < 9_998; i += 1) otel.onStart(span(`left ${i}`, chat, { parent: loop }), undefined);
    const spans = () => sink.traces.flatMap((each) => each.spans);
    const marked = () => spans().filter(({ metadata }) => metadata['pandaprobe.unfinished'] === true);
    expect(marked().map(({ name }) => name)).to.deep.equal([
      'turn',
      ...Array.from({ length: 4_999 }, (_, i) => `left ${i}`),
    ]);
    expect(sink.traces.map(({ status }) => status)).to.deep.equal(['RUNNING']);
    endAll(otel, loop, root);
    expect(spans().find(({ name }) => name === 'loop')?.status).to.equal('UNSET');
    expect(marked()).to.have.length(5_000);
  });

  it('keep no processor in memory when the last of its traces is over, although nobody shuts it down', async () => {
    const ref = (() => {
      const keep = () => true;
      run(pandaProbeSpanProcessor({ client, keep }), span('a', agent));
      return new WeakRef(keep);
    })();
    expect(names()).to.deep.equal(['a: a']);
    for (let i = 0; i < 20 && ref.deref() !== undefined; i += 1) {
      await turns();
      collectGarbage();
    }
    expect(ref.deref()).to.equal(undefined);
  });

  it('go to the client that has replaced the one that ends', async () => {
    clock.restore();
    const sinks = [new MemorySink(), new MemorySink()] as const;
    const first = init({ sinks: [sinks[0]] });
    const otel = pandaProbeSpanProcessor();
    const root = span('request');
    const turn = span('turn', agent, { parent: root });
    startAll(otel, root, turn);
    otel.onEnd(turn);
    const second = init({ sinks: [sinks[1]] });
    await first.shutdown();
    expect(sinks.map(({ traces }) => traces.length)).to.deep.equal([0, 0]);
    await second.shutdown();
    expect(sinks.map(({ traces }) => traces.length)).to.deep.equal([0, 1]);
  });
});
