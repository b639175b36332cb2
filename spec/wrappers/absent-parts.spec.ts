import { ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { expect } from 'chai';
import { wrapAnthropic } from '../../lib/wrappers/anthropic.js';
import { wrapBedrock } from '../../lib/wrappers/bedrock.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { bare } from './support/clients.js';
import { json, useScene } from './support/scene.js';

/* `[question, picture ?? null]`: the provider refuses it, and the trace should show why. */

describe('A message with an absent part', () => {
  const scene = useScene();
  const calls: Readonly<Record<string, (messages: never) => PromiseLike<unknown>>> = {
    'OpenAI chat': (messages) => wrapOpenAI(bare.openai(scene.url)).chat.completions.create({ model: 'm', messages }),
    'OpenAI Responses': (input) => wrapOpenAI(bare.openai(scene.url)).responses.create({ model: 'm', input }),
    Anthropic: (messages) =>
      wrapAnthropic(bare.anthropic(scene.url)).messages.create({ model: 'm', max_tokens: 9, messages }),
    Bedrock: (messages) => wrapBedrock(bare.bedrock(scene.url)).send(new ConverseCommand({ modelId: 'm', messages })),
  };
  for (const [name, call] of Object.entries(calls))
    for (const absent of [null, undefined])
      it(`is recorded as it is: ${absent} with ${name}`, async () => {
        scene.answer = json({});
        const said = { type: 'text', text: 'Look' };
        const written = name === 'Bedrock' ? { text: 'Look' } : said;
        await call([{ role: 'user', content: [written, absent] }] as never); // no type allows it
        const [span] = scene.recorded.spans;
        expect(span?.input).to.deep.equal({ messages: [{ role: 'user', content: [said, null] }] });
      });
});
