import { expect } from 'chai';
import { getClient, init, MemorySink } from '../../lib/index.js';
import { wrapAnthropic } from '../../lib/wrappers/anthropic.js';

describe("A client's helper that awaits a recorded method", () => {
  let memory: MemorySink;
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
  });
  after(() => getClient().shutdown());

  it('makes its call fail if it throws after the call was made', () => {
    const messages = {
      create: async () => ({ id: 'm', model: 'claude', content: [] }),
      parse(): unknown {
        void this.create();
        throw new TypeError('no such format');
      },
    };
    const client = wrapAnthropic({ messages });
    expect(() => client.messages.parse()).to.throw('no such format');
    expect(memory.traces.map(({ status, name }) => `${name} ${status}`)).to.deep.equal(['anthropic-messages ERROR']);
  });
});
