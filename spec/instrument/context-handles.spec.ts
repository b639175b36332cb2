import { expect } from 'chai';
import {
  getCurrentSpan,
  getCurrentTrace,
  init,
  MemorySink,
  type SpanKind,
  startTrace,
  type TraceStatus,
} from '../../lib/index.js';
import { onlyTrace, uuid } from './recorded.js';

describe('Context API', () => {
  let memory: MemorySink;
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
  });
  const only = () => onlyTrace(memory);
  const spans = () => only().spans;

  describe('startTrace()', () => {
    it('takes input, session, user, tags and metadata', () => {
      const input = { messages: [{ role: 'user', content: 'hi' }] };
      startTrace('t', { input, sessionId: 's', userId: 'u', tags: ['x'], metadata: { a: 1 } }).end();
      expect(only()).to.include({ name: 't', sessionId: 's', userId: 'u', status: 'COMPLETED' });
      expect(only().input).to.deep.equal(input);
      expect(only().tags).to.deep.equal(['x']);
      expect(only().metadata).to.deep.equal({ a: 1 });
      expect(only().endedAt!.getTime()).to.be.at.least(only().startedAt.getTime());
    });

    it('gives a read-only UUID', () => {
      const t = startTrace('t');
      expect(t.traceId).to.match(uuid);
      expect(() => Object.assign(t, { traceId: 'other' })).to.throw(TypeError);
      t.end();
      expect(only().traceId).to.equal(t.traceId);
    });

    it('merges metadata, chains setters and records output', () => {
      startTrace('t', { metadata: { a: 1, b: 1 } })
        .setMetadata({ b: 2 })
        .setMetadata({ c: 3 })
        .setOutput('out')
        .end();
      expect(only().metadata).to.deep.equal({ a: 1, b: 2, c: 3 });
      expect(only().output).to.equal('out');
    });

    for (const status of ['PENDING', 'RUNNING', 'COMPLETED', 'ERROR'] as const) {
      it(`ends ${status} when it was set so`, () => {
        startTrace('t').setStatus(status).end();
        expect(only().status).to.equal(status);
      });
    }

    it('ignores a status that does not exist', () => {
      startTrace('t')
        .setStatus('DONE' as TraceStatus)
        .end();
      expect(only().status).to.equal('COMPLETED');
    });

    it('is ERROR when it is ended with an error', () => {
      startTrace('t').setStatus('COMPLETED').end(new Error('broken'));
      expect(only().status).to.equal('ERROR');
    });

    it('is disposed of by using and by await using', async () => {
      {
        using t = startTrace('one');
        expect(getCurrentTrace()).to.equal(t);
      }
      {
        await using t = startTrace('two');
        using s = t.span('s');
        expect(getCurrentSpan()).to.equal(s);
      }
      expect(memory.tree()).to.equal('one\ntwo\n└─ s OTHER');
      expect(getCurrentTrace()).to.equal(undefined);
    });

    it('does not see the error of its using block, as documented', () => {
      expect(() => {
        using _ = startTrace('t');
        throw new Error('unseen');
      }).to.throw('unseen');
      expect(only().status).to.equal('COMPLETED');
    });
  });

  describe('t.span()', () => {
    it('takes kind, model and metadata, and is OTHER without a kind', () => {
      const t = startTrace('t');
      t.span('a', { kind: 'LLM', model: 'm', metadata: { x: 1 } }).end();
      t.span('b').end();
      t.end();
      expect(spans()[0]).to.include({ name: 'a', kind: 'LLM', model: 'm', status: 'OK' });
      expect(spans()[0]!.metadata).to.deep.equal({ x: 1 });
      expect(spans()[1]).to.include({ kind: 'OTHER', model: undefined });
    });

    it('gives a read-only UUID, and its trace', () => {
      const t = startTrace('t');
      const s = t.span('s');
      expect(s.spanId).to.match(uuid);
      expect(s.traceId).to.equal(t.traceId);
      expect(() => Object.assign(s, { spanId: 'other' })).to.throw(TypeError);
      s.end();
      t.end();
      expect(spans()[0]!.spanId).to.equal(s.spanId);
    });

    it('keeps its model when it gets an invalid name', () => {
      const t = startTrace('t');
      t.span('s', { kind: 'LLM', model: 'gpt-5.4' })
        .setModel(undefined as never)
        .setModel({} as never)
        .end();
      t.end();
      expect(spans()[0]).to.include({ model: 'gpt-5.4' });
    });

    it('records everything a span can carry', () => {
      const t = startTrace('t');
      const first = new Date(Date.now() + 5);
      t.span('s', { kind: 'LLM' })
        .setInput({ messages: [{ role: 'user', content: 'in' }] })
        .setOutput({ messages: [{ role: 'assistant', content: 'out' }] })
        .setModel('gpt-5.4')
        .setModelParameters({ temperature: 0.2 })
        .setTokenUsage({ promptTokens: 10, completionTokens: 5, reasoningTokens: 3, cacheReadTokens: 2 })
        .setCost({ total: 0.25, input: 0.2 })
        .setCompletionStartTime(first)
        .setMetadata({ a: 1 })
        .setMetadata({ b: 2 })
        .end();
      t.end();
      const [s] = spans();
      expect(s!.input).to.deep.equal({ messages: [{ role: 'user', content: 'in' }] });
      expect(s!.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'out' }] });
      expect(s).to.include({ model: 'gpt-5.4', status: 'OK' });
      expect(s!.modelParameters).to.deep.equal({ temperature: 0.2 });
      expect(s!.tokenUsage).to.deep.equal({
        prompt_tokens: 10,
        completion_tokens: 5,
        reasoning_tokens: 3,
        cache_read_tokens: 2,
      });
      expect(s!.cost).to.deep.equal({ total: 0.25, input: 0.2 });
      expect(s!.completionStartTime).to.deep.equal(first);
      expect(s!.metadata).to.deep.equal({ a: 1, b: 2 });
    });

    it('never has a time of the first token before its start', () => {
      const t = startTrace('t');
      t.span('s', { kind: 'LLM' }).setCompletionStartTime(new Date('2026-11-22T10:00:00.250Z')).end();
      t.end();
      const [s] = spans();
      expect(s!.completionStartTime).to.deep.equal(s!.startedAt);
    });

    it('counts prompt and completion tokens as 0 if only other counts are given', () => {
      const t = startTrace('t');
      t.span('s').setTokenUsage({ reasoningTokens: 3 }).end();
      t.end();
      expect(spans()[0]!.tokenUsage).to.deep.equal({ prompt_tokens: 0, completion_tokens: 0, reasoning_tokens: 3 });
    });

    it('is ERROR after setError() and after end(error)', () => {
      const t = startTrace('t');
      t.span('a').setError('by hand').end();
      t.span('b').end(new TypeError('given'));
      t.end();
      expect(spans().map((s) => [s.status, s.error])).to.deep.equal([
        ['ERROR', 'by hand'],
        ['ERROR', 'given'],
      ]);
      expect(only().status).to.equal('COMPLETED');
    });

    it('ignores setters after the end', () => {
      const t = startTrace('t');
      const s = t.span('s').setOutput('first');
      s.end();
      s.setOutput('second').setError('late');
      t.end();
      t.setOutput('late');
      expect(spans()[0]).to.include({ output: 'first', status: 'OK' });
      expect(only().output).to.equal(undefined);
    });

    it('becomes OTHER with an unknown kind', () => {
      const t = startTrace('t');
      t.span('s', { kind: 'MAGIC' as SpanKind }).end();
      t.end();
      expect(spans()[0]!.kind).to.equal('OTHER');
    });
  });
});
