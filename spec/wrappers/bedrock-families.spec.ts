import {
  BedrockRuntimeClient,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';

import { NodeHttpHandler } from '@smithy/node-http-handler';
import { expect } from 'chai';
import { wrapBedrock } from '../../lib/wrappers/bedrock.js';
import { drain } from '../support/recorded.js';
import { families, picture } from './bedrock/families.js';
import { bodyChunk } from './support/bedrock-wire.js';

/* Every family of models speaks its own language in the bodies of InvokeModel. */

import { useScene } from './support/scene.js';

describe('wrapBedrock(): families of models', () => {
  const scene = useScene();
  let client: BedrockRuntimeClient;
  before(() => {
    client = wrapBedrock(
      new BedrockRuntimeClient({
        endpoint: scene.url,
        region: 'eu-west-1',
        credentials: { accessKeyId: 'k', secretAccessKey: 's' },
        requestHandler: new NodeHttpHandler(),
        maxAttempts: 1,
      }),
    );
  });

  for (const each of families) {
    const { family, modelId, body, reply, chunks, headers, kind = 'LLM', input, output, parameters, tokens } = each;
    const command = { modelId, body: JSON.stringify(body) };
    const facts = {
      kind,
      model: modelId,
      status: 'OK',
      input,
      output,
      modelParameters: parameters,
      tokenUsage: tokens,
    };
    const expectFacts = () => {
      expect(scene.recorded.span).to.deep.include(facts);
      expect(scene.recorded.span.metadata).to.deep.include(each.metadata ?? {});
      expect(scene.recorded.text).not.to.include(picture.slice(0, 40));
    };

    it(`reads ${family}`, async () => {
      scene.answer = { kind: 'json', body: reply, headers: { ...headers } };
      await client.send(new InvokeModelCommand(command));
      expectFacts();
    });

    if (chunks === undefined) continue;
    it(`reads the stream of ${family}`, async () => {
      scene.answer = { kind: 'bytes', type: 'application/vnd.amazon.eventstream', chunks: chunks.map(bodyChunk) };
      const { body: stream } = await client.send(new InvokeModelWithResponseStreamCommand(command));
      expect(await drain(stream ?? expect.fail('expected a stream'))).to.have.length(chunks.length);
      expectFacts();
      expect(scene.recorded.span.metadata).not.to.have.property('stream_incomplete');
      expect(scene.recorded.span.completionStartTime).not.to.equal(undefined);
    });
  }

  it('fails for a failure in the body', async () => {
    scene.answer = { kind: 'json', body: { images: [], error: 'This image contains content that is not allowed.' } };
    const task = { taskType: 'TEXT_IMAGE', textToImageParams: { text: 'a panda' } };
    await client.send(new InvokeModelCommand({ modelId: 'amazon.nova-canvas-v1:0', body: JSON.stringify(task) }));
    expect(scene.recorded.span).to.deep.include({ status: 'ERROR', output: undefined });
    expect(scene.recorded.span.error).to.include('not allowed');
  });
});
