import { expect } from 'chai';
import { init, MemorySink, session, setSession, setUser, startTrace, user, withTrace } from '../../lib/index.js';
import { turns } from '../support/recording.js';

describe('Sessions and users', () => {
  let memory: MemorySink;
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
  });
  const owners = () => memory.traces.map((t) => [t.name, t.sessionId, t.userId]);
  const mark = (name: string) => withTrace(name, () => {});

  /** In a flow of its own: what is set stays inside. */
  const apart = (fn: () => void | Promise<void>) => Promise.resolve().then(fn);

  it('apply to the traces that start in their callback; the innermost scope wins', async () => {
    await session('s1', () =>
      user('u1', async () => {
        mark('a');
        await turns();
        session('s2', () => mark('b'));
        mark('c');
      }),
    );
    mark('d');
    expect(owners()).to.deep.equal([
      ['a', 's1', 'u1'],
      ['b', 's2', 'u1'],
      ['c', 's1', 'u1'],
      ['d', undefined, undefined],
    ]);
  });

  it('last until the end of a using block', async () => {
    await apart(async () => {
      {
        using _s = session('s1');
        await using _u = user('u1');
        mark('in');
        await turns();
        mark('still in');
      }
      mark('out');
    });
    expect(owners()).to.deep.equal([
      ['in', 's1', 'u1'],
      ['still in', 's1', 'u1'],
      ['out', undefined, undefined],
    ]);
  });

  it('are read in this order: the option, the scope, setSession() and setUser()', async () => {
    await apart(() => {
      setSession('set');
      setUser('set-user');
      mark('set');
      session('scoped', () => {
        mark('scoped');
        withTrace('given', { sessionId: 'given', userId: 'given-user' }, () => {});
        setSession('set inside');
        mark('still scoped');
      });
      mark('set again');
      setSession(undefined);
      mark('taken back');
    });
    expect(owners()).to.deep.equal([
      ['set', 'set', 'set-user'],
      ['scoped', 'scoped', 'set-user'],
      ['given', 'given', 'given-user'],
      ['still scoped', 'scoped', 'set-user'],
      ['set again', 'set', 'set-user'],
      ['taken back', undefined, 'set-user'],
    ]);
  });

  it('are read when the trace starts', async () => {
    await apart(() => {
      const t = startTrace('t');
      setSession('too late');
      t.end();
      mark('next');
    });
    expect(owners()).to.deep.equal([
      ['t', undefined, undefined],
      ['next', 'too late', undefined],
    ]);
  });

  it('do not reach flows that were started before', async () => {
    const gate = turns(2).then(() => mark('other'));
    await apart(async () => {
      setSession('mine');
      await gate;
      mark('own');
    });
    expect(owners()).to.deep.equal([
      ['other', undefined, undefined],
      ['own', 'mine', undefined],
    ]);
  });

  it('stay apart between concurrent callbacks', async () => {
    await Promise.all(
      ['s1', 's2', 's3'].map((id) =>
        session(id, async () => {
          await turns();
          mark(id);
        }),
      ),
    );
    for (const [name, sessionId] of owners()) expect(sessionId).to.equal(name);
  });
});
