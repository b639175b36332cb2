import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import OpenAI from 'openai';
import { getClient, init, MemorySink } from '../../lib/index.js';
import { wrapAnthropic } from '../../lib/wrappers/anthropic.js';
import { wrapBedrock } from '../../lib/wrappers/bedrock.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { listenToStderr } from '../support/stderr.js';

describe('A client that cannot be changed (P11)', () => {
  beforeEach(() => {
    init({ sinks: [new MemorySink()] });
  });
  after(() => getClient().shutdown());

  const openai = () => new OpenAI({ apiKey: 'sk-x', baseURL: 'http://127.0.0.1:1' });
  const clients: Record<string, () => { client: object; create: () => unknown; wrap: (client: never) => unknown }> = {
    'a frozen OpenAI client': () => {
      const client = Object.freeze(openai());
      return { client, create: () => client.chat.completions.create, wrap: wrapOpenAI };
    },
    'one whose resource is frozen': () => {
      const client = openai();
      Object.freeze(client.embeddings);
      return { client, create: () => client.chat.completions.create, wrap: wrapOpenAI };
    },
    'one that cannot be extended': () => {
      const client = Object.preventExtensions(new Anthropic({ apiKey: 'sk-x' }));
      return { client, create: () => client.messages.create, wrap: wrapAnthropic };
    },
    'one behind a proxy that refuses': () => {
      const client = new Proxy(openai(), {
        defineProperty() {
          return false;
        },
      });
      return { client, create: () => client.chat.completions.create, wrap: wrapOpenAI };
    },
    'a frozen Bedrock client': () => {
      const names: string[] = [];
      const middlewareStack = {
        add: (_: never, { name }: { name: string }) => void names.push(name),
        remove: (name: string) => {
          names.splice(names.indexOf(name), 1);
          return true;
        },
      };
      return { client: Object.freeze({ middlewareStack }), create: () => names.length, wrap: wrapBedrock };
    },
  };
  for (const [what, make] of Object.entries(clients)) {
    it(`is returned unchanged, with one warning at most: ${what}`, () => {
      const { client, create, wrap } = make();
      const before = create();
      const said = listenToStderr();
      let wrapped: unknown;
      let again: unknown;
      try {
        wrapped = wrap(client as never);
        again = wrap(client as never);
      } finally {
        said.restore();
      }
      expect(wrapped).to.equal(client);
      expect(again).to.equal(client);
      expect(create()).to.equal(before);
      expect(said.lines.filter((line: string) => line.includes('cannot be changed')).length).to.be.lessThan(2);
    });
  }
});
