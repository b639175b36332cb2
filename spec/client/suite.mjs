// A suite of somebody's that records and never shuts down.
import { withTrace } from 'pandaprobe-ts';

describe('an agent', () => {
  it('answers', async () => {
    await withTrace('agent', async () => 'hello');
  });
});
