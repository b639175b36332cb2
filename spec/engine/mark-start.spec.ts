import { expect } from 'chai';
import { createSpan } from '../../lib/engine/create-span.js';
import { callbackFrame, markStart } from '../../lib/engine/frames-of-node.js';
import { currentFrame, placeIn, within } from '../../lib/engine/scope.js';
import { createRecording } from '../support/recording.js';

/** Starts a body that somebody else follows, and gives back what ends it. */
function startCall(name: string, isMarked = true): () => void {
  const outside = currentFrame();
  const current = placeIn(outside);
  if (current === undefined) throw new Error('expected a trace');
  const node = createSpan(current.trace, current.span, name, undefined, { isHandle: false, hasExplicitParent: false });
  within(callbackFrame(node, outside), () => {});
  if (isMarked) markStart(node, outside);
  return () => node.end();
}

describe('markStart()', () => {
  it('keeps a callback below its handle, even if it is still open when the handle closes', () => {
    const recording = createRecording();
    const trace = recording.startTrace();
    const handle = trace.span('a');
    const end = startCall('call');
    handle.end();
    end();
    trace.end();
    expect(recording.tree()).to.equal('T(a(call))');
  });

  it('is needed for that: without it the callback becomes a sibling', () => {
    const recording = createRecording();
    const trace = recording.startTrace();
    const handle = trace.span('a');
    const end = startCall('call', false);
    handle.end();
    end();
    trace.end();
    expect(recording.tree()).to.equal('T(a, call)');
  });

  it('does not make the callback current', () => {
    const recording = createRecording();
    const trace = recording.startTrace();
    const end = startCall('call');
    trace.span('next').end();
    end();
    trace.end();
    expect(recording.tree()).to.equal('T(call, next)');
  });
});
