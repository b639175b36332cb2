// Bedrock: whatever sends a command, with its retries in one span. With AWS_REGION and credentials it asks AWS, else a
// fake.
//
// weather-agent  21 tokens
// └─ bedrock-converse LLM amazon.nova-lite-v1:0  21 tokens
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { withTrace } from 'pandaprobe-ts';
import { wrapBedrock } from 'pandaprobe-ts/wrappers/bedrock';
import { startFake } from './fake.js';

const isOnline = process.env.AWS_REGION !== undefined && process.env.AWS_ACCESS_KEY_ID !== undefined;
const fake = async () => ({
  endpoint: await startFake(),
  region: 'eu-west-1',
  credentials: { accessKeyId: 'fake', secretAccessKey: 'fake' },
  requestHandler: new NodeHttpHandler(),
});
const client = wrapBedrock(new BedrockRuntimeClient(isOnline ? {} : await fake()));

await withTrace('weather-agent', async () => {
  const answer = await client.send(
    new ConverseCommand({
      modelId: 'amazon.nova-lite-v1:0',
      messages: [{ role: 'user', content: [{ text: 'How warm is it in Lisbon?' }] }],
    }),
  );
  console.log(answer.output?.message?.content?.[0]?.text);
});
