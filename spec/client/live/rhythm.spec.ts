import { expect } from 'chai';
import type { SinonFakeTimers } from 'sinon';
import { LiveTraces } from '../../../lib/client/live/live-traces.js';
import { rhythmOf } from '../../../lib/client/live/rhythm.js';
import { hasMark, leaveMark } from '../../../lib/common/local-mark.js';
import { silentLog } from '../../../lib/common/log.js';
import { performance } from '../../../lib/common/real-time.js';
import type { EarlyDelivery, UpdateOutcome } from '../../../lib/delivery/options.js';
import { createTrace } from '../../../lib/engine/create-span.js';
import { emptyFrame } from '../../../lib/engine/frame.js';
import type { TraceHandle } from '../../../lib/engine/handles.js';
import { enterTrace } from '../../../lib/engine/live-handles.js';
import type { Recorder } from '../../../lib/engine/recorder.js';
import type { TraceNode } from '../../../lib/engine/trace-node.js';
import type { CapturedLateSpans, CapturedTrace } from '../../../lib/model/records.js';
import { fakeTime } from '../../support/fake-time.js';
import { createRecording } from '../../support/recording.js';

const here = 'http://localhost:8000';
const elsewhere = 'https://api.pandaprobe.com';

describe('live traces, their rhythm', () => {
  let clock: SinonFakeTimers;
  let sent: { readonly at: number; readonly record: CapturedTrace | CapturedLateSpans }[];
  let outcome: UpdateOutcome | undefined;
  let isLimited: boolean;
  /** What the delivery throws. */
  let fault: Error | undefined;
  let lines: string[];
  let recorder: Recorder;

  beforeEach(() => {
    clock = fakeTime('setTimeout', 'clearTimeout', 'performance');
    sent = [];
    outcome = 'stored';
    isLimited = false;
    fault = undefined;
    lines = [];
  });
  afterEach(() => clock.restore());

  /** Looks at what is opened from now on, for a delivery that stores at once unless it is told otherwise. */
  function start(live: boolean | 'auto', endpoint: string): void {
    const delivery: Pick<EarlyDelivery, 'update' | 'settleUpdates' | 'warmUp' | 'isLimited'> = {
      update(record, onSettled) {
        if (fault !== undefined) throw fault;
        sent.push({ at: performance.now(), record });
        if (outcome !== undefined) onSettled(outcome);
      },
      settleUpdates() {},
      warmUp() {},
      get isLimited() {
        return isLimited;
      },
    };
    const log = { ...silentLog, warn: (_: string, line: string) => void lines.push(line) };
    const traces = new LiveTraces(delivery as EarlyDelivery, live, endpoint, log); // all that they need of it
    const source = new Set<TraceNode>();
    const recording = createRecording().recorder;
    recorder = {
      ...recording,
      clock: { now: () => performance.now(), anchorAt: () => 0 },
      opened(trace) {
        source.add(trace);
        traces.opened(source);
      },
      ended(trace, record) {
        source.delete(trace as TraceNode); // as it was opened
        return recording.ended(trace, record);
      },
    };
  }
  const open = (name = 'T'): TraceHandle =>
    enterTrace(createTrace(recorder, emptyFrame, name, undefined, true), emptyFrame);
  const endedIn = ({ record }: { readonly record: CapturedTrace | CapturedLateSpans }) =>
    record.spans.filter(({ endedAt }) => endedAt !== undefined).map(({ name }) => name);

  it('shows a run on this machine within 300 ms, and changes at most four times a second', () => {
    start(true, here);
    const t = open();
    clock.tick(50);
    t.span('first');
    clock.tick(250);
    expect(sent).to.have.lengthOf(1);
    expect(sent[0]?.record).to.include({ status: 'RUNNING' });
    for (let number = 0; number < 200; number += 1) {
      t.withSpan(`step ${number}`, () => {});
      clock.tick(10);
    }
    clock.tick(500);
    const gaps = sent.slice(1).map(({ at }, index) => at - (sent[index]?.at ?? 0));
    expect(Math.min(...gaps)).to.be.at.least(250);
    expect(sent.flatMap(endedIn)).to.have.lengthOf(200).and.to.include('step 199');
    const before = sent.length;
    clock.tick(60_000);
    expect(sent, 'while nothing is new').to.have.lengthOf(before);
  });

  it('sends no update of a run to another machine that takes less than 15 seconds', () => {
    start('auto', elsewhere);
    for (let run = 0; run < 20; run += 1) {
      const t = open();
      t.span('step');
      clock.tick(14_900);
      t.end();
    }
    expect(sent).to.eql([]);
  });

  it('P9 has sent, of a long run to another machine, all spans that ended 5 seconds before', () => {
    for (const whatHappens of ['stored', 'left out', undefined] as const) {
      sent = [];
      outcome = whatHappens;
      start('auto', elsewhere);
      const t = open();
      const ends: { readonly name: string; readonly at: number }[] = [];
      for (let number = 0; number < 180; number += 1) {
        const name = `step ${number}`;
        t.withSpan(name, () => clock.tick(700));
        ends.push({ name, at: performance.now() });
        clock.tick(300);
        if (number < 20) continue;
        const handedOver = new Set(sent.flatMap(endedIn));
        const late = ends.filter((end) => end.at < performance.now() - 5000 && !handedOver.has(end.name));
        expect(late).to.eql([]);
      }
      const last = new Set(endedIn(sent.at(-1) as (typeof sent)[number]));
      // What may not be stored stands in every update, so that one may take the place of another.
      if (whatHappens !== 'stored') expect(last.has('step 0')).to.equal(true);
      else expect(last.has('step 0')).to.equal(false);
      t.end();
      clock.tick(1000);
    }
  });

  it('shows a run on another machine as soon as one on this machine if `live` is set', () => {
    start(true, elsewhere);
    open().span('step');
    clock.tick(300);
    expect(sent).to.have.lengthOf(1);
  });

  for (const live of [true, 'auto'] as const) {
    it(`uses a fifth of the rate limit of another machine, however many runs there are (live: ${live})`, () => {
      start(live, elsewhere);
      const runs = Array.from({ length: 30 }, (_, number) => open(`T${number}`));
      const minutes = 3;
      for (let at = 0; at < minutes * 600; at += 1) {
        for (const t of runs) if (at % 10 === 0) t.withSpan('step', () => {});
        clock.tick(100);
      }
      const traces = sent.filter(({ record }) => 'status' in record);
      expect(traces.length).to.be.within(30, minutes * 20 + 5);
      expect(sent.length - traces.length).to.be.within(80, minutes * 40 + 5);
    });
  }

  it('treats a backend on this machine like any other once it has answered 429', () => {
    expect(rhythmOf('auto', here, true)).to.eql(rhythmOf('auto', elsewhere, false));
    expect(rhythmOf('auto', here, false)).not.to.eql(rhythmOf('auto', elsewhere, false));
    for (const url of ['http://127.0.0.1:1/x', 'http://[::1]:80', 'http://LOCALHOST:1', 'http://a.localhost'])
      expect(rhythmOf('auto', url, false), url).to.eql(rhythmOf('auto', here, false));
    for (const url of ['http://localhost.example.com', 'http://10.0.0.1:8000', 'http://127.example.com'])
      expect(rhythmOf('auto', url, false), url).to.eql(rhythmOf('auto', elsewhere, false));
    expect(rhythmOf(false, here, false)).to.equal(undefined);
  });

  it('treats a backend on this machine like any other, unless our local server runs there', () => {
    start('auto', here);
    open().span('step');
    clock.tick(14_000);
    expect(sent).to.eql([]);
    const takeAway = leaveMark(Number(new URL(here).port));
    try {
      open().span('step');
      clock.tick(1500);
      expect(sent).to.have.lengthOf(2);
    } finally {
      takeAway();
    }
    expect(hasMark(new URL(here).port)).to.equal(false);
  });

  it('gives up a run that the backend refuses, and lets the others go on', () => {
    start(true, here);
    outcome = 'refused';
    open('refused').span('step');
    clock.tick(1000);
    expect(sent).to.have.lengthOf(1);
    outcome = 'stored';
    open('taken').span('step');
    clock.tick(1000);
    expect(sent.map(({ record }) => 'name' in record && record.name)).to.eql(['refused', 'taken']);
  });

  it('sends no update of a trace that sampling may still leave out', () => {
    start(true, here);
    recorder = { ...recorder, isLeftOut: true };
    open().span('step');
    clock.tick(60_000);
    expect(sent).to.eql([]);
  });

  it('sends no more updates after a fault of ours, which does not end the program; one line says so', () => {
    start(true, here);
    fault = new TypeError('sk_pp_secret');
    open('first').span('step');
    clock.tick(1000);
    expect(lines).to.eql(['open traces are not sent any more: a TypeError was thrown']);
    fault = undefined;
    open('second').span('step');
    clock.tick(1000);
    expect(sent).to.eql([]);
  });
});
