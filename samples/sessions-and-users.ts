// Sessions and users: every trace that starts in a scope belongs to its session and user. A trace's own option wins
// over the scope, the scope over what was set for the rest of the program.
//
// chat-turn  session chat-1  user ada
// └─ reply LLM
//
// chat-turn  session chat-1  user ada
// └─ reply LLM
//
// chat-turn  session chat-of-bob  user bob
// └─ reply LLM
//
// chat-turn  session chat-of-eve  user eve
// └─ reply LLM
//
// pinned-turn  session chat-3  user bob
// └─ reply LLM
//
// chat-turn  session batch-9  user system
// └─ reply LLM
import { session, setSession, setUser, trace, traceFunction, user, withSpan } from 'pandaprobe-ts';

const reply = (text: string) => withSpan('reply', { kind: 'LLM' }, async () => `You said: ${text}`);

class Chat {
  @trace({ name: 'chat-turn' })
  async turn(text: string): Promise<string> {
    return reply(text);
  }
}

const chat = new Chat();
const pinned = traceFunction(reply, { name: 'pinned-turn', sessionId: 'chat-3' });

await session('chat-1', () =>
  user('ada', async () => {
    await chat.turn('Hello');
    await chat.turn('How are you?');
  }),
);

// Two conversations at the same time do not mix.
await Promise.all(['bob', 'eve'].map((name) => session(`chat-of-${name}`, () => user(name, () => chat.turn('Hi')))));

{
  using _session = session('chat-2');
  using _user = user('bob');
  await pinned('Keep this apart');
}

setSession('batch-9');
setUser('system');
await chat.turn('Nightly summary');
