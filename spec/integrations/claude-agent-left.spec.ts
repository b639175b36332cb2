import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { until } from '../support/until.js';
import { claudeAgentScene, userSays } from './support/claude-agent-scene.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('A query of the Claude Agent SDK that is dropped', () => {
  const scene = claudeAgentScene();
  const { wrapped, settings, spans, tree } = scene;

  type Query = ReturnType<ReturnType<typeof wrapped>>;
  const readTo = async (query: Query, type: string) => {
    for (;;) {
      const { value, done } = await query.next();
      if (done === true || value.type === type) return;
    }
  };
  const said = async function* () {
    yield userSays('hang');
  };
  const begun = `ClaudeAgentSDK COMPLETED
  ClaudeAgentSDK CHAIN OK
    ClaudeAgentSDK AGENT claude-x OK
      claude-llm LLM claude-x 130+1 OK`;
  const unread = `ClaudeAgentSDK COMPLETED
  ClaudeAgentSDK CHAIN OK
    ClaudeAgentSDK AGENT OK
      claude-llm LLM OK
      w TOOL OK
      w TOOL OK`; // by hooks

  const ways: readonly (readonly [
    how: string,
    tree: string,
    isAborted: true | undefined,
    leave: () => Promise<void>,
  ])[] = [
    [
      'after interrupt()',
      begun,
      true,
      async () => {
        const query = wrapped()({ prompt: said(), options: settings() });
        await readTo(query, 'assistant');
        await query.interrupt();
      },
    ],
    [
      'after an abort',
      begun,
      true,
      async () => {
        const abortController = new AbortController();
        await readTo(wrapped()({ prompt: 'hang', options: settings({ abortController }) }), 'assistant');
        abortController.abort();
      },
    ],
    [
      'unread, when its program has ended',
      unread,
      undefined,
      async () => void wrapped()({ prompt: 'Hi', options: settings() }),
    ],
  ];
  for (const [how, recorded, isAborted, leave] of ways) {
    it(`ends its turn when it is garbage-collected: ${how}`, async () => {
      await leave();
      await until(() => {
        collectGarbage();
        return scene.recorded.traces.length === 1;
      });
      expect(tree()).to.equal(recorded);
      for (const { name, metadata } of spans()) {
        if (name !== 'w') expect([metadata.stream_incomplete, metadata.aborted]).to.deep.equal([true, isAborted]);
      }
    });
  }

  it('is aborted if it was interrupted before its reader left', async () => {
    const query = wrapped()({ prompt: said(), options: settings() });
    for await (const { type } of query) {
      if (type !== 'assistant') continue;
      await query.interrupt();
      break;
    }
    expect(tree()).to.equal(begun);
    for (const { metadata } of spans()) expect(metadata.aborted).to.equal(true);
  });
});
