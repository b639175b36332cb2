import { isNewNode } from '../support/node-versions.js';
import { anthropic } from './support/anthropic-wire.js';
import { bedrock } from './support/bedrock-wire.js';
import { gemini } from './support/gemini-wire.js';
import { mistral } from './support/mistral-wire.js';
import { openAI } from './support/openai-wire.js';
import { expectSame } from './support/program.js';

describe('A wrapped client', function () {
  this.timeout(300_000);

  it('does what a bare OpenAI client does', () => expectSame('openai', openAI, 50));

  it('does what a bare OpenAI client of the newest generation does', async function () {
    if (!isNewNode) this.skip();
    await expectSame('openai-newest', openAI, 50);
  });

  it('does what a bare Anthropic client does', () => expectSame('anthropic', anthropic, 35));

  it('does what a bare Google client does', () => expectSame('gemini', gemini, 33));

  it('does what a bare Google client of the newest generation does', async function () {
    if (!isNewNode) this.skip();
    await expectSame('gemini-newest', gemini, 33);
  });

  it('does what a bare Mistral client does', () => expectSame('mistral', mistral, 38));

  it('does what a bare Bedrock client does', () => expectSame('bedrock', bedrock, 31));
});
