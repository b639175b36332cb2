import { expect } from 'chai';
import fc from 'fast-check';
import { chat } from '../../lib/calls/openai/chat.js';

const tools = { started() {}, requested() {}, ended() {} };

/** A field that no server is known for. */
const unknown = { served_by: 'another server' };

/** Mostly nothing, sometimes one of these. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 6, arbitrary: fc.constantFrom(null, undefined) }, { weight: 1, arbitrary });

const text = fc.constantFrom('', 'a', 'b c', '{"q":', '1}');
const callPiece = fc.record(
  {
    index: fc.constantFrom(0, 1),
    id: fc.constantFrom('call_1', 'call_2', ''),
    type: fc.constant('function'),
    function: fc.record({ name: fc.constantFrom('search', ''), arguments: text }, { requiredKeys: [] }),
  },
  { requiredKeys: ['index'] },
);
const delta = fc.record(
  {
    role: fc.constant('assistant'),
    content: fc.oneof(text, fc.constantFrom(null, undefined)),
    tool_calls: fc.oneof(fc.array(callPiece, { maxLength: 2 }), fc.constantFrom(null, undefined)),
    refusal: rarely(text),
    reasoning: rarely(text),
  },
  { requiredKeys: [] },
);
const choice = fc.record(
  {
    index: fc.constantFrom(0, 1),
    delta: fc.oneof({ weight: 9, arbitrary: delta }, { weight: 1, arbitrary: fc.constantFrom(null, undefined) }),
    logprobs: fc.constant(null),
    finish_reason: rarely(fc.constantFrom('', 'stop', 'tool_calls', 'error')),
    message: rarely(fc.record({ role: fc.constant('assistant'), content: text })),
  },
  { requiredKeys: ['delta'] },
);
const chunk = fc.record(
  {
    id: fc.constantFrom('chatcmpl-1', undefined),
    object: fc.constant('chat.completion.chunk'),
    model: fc.constantFrom('gpt-5.4', ''),
    service_tier: fc.constantFrom('default', null),
    choices: fc.oneof(
      { weight: 9, arbitrary: fc.array(choice, { minLength: 1, maxLength: 2 }) },
      { weight: 1, arbitrary: fc.constantFrom([], null) },
    ),
    usage: rarely(fc.constant({ prompt_tokens: 3, completion_tokens: 2 })),
    error: rarely(fc.constant({ message: 'overloaded' })),
  },
  { requiredKeys: ['choices'] },
);

type Choices = readonly { readonly delta?: object | null | undefined }[];

const choicesOf = (of: { readonly choices?: Choices | null }): Choices => of.choices ?? [];

describe('plain chunks of a chat completion', () => {
  it('are recorded like the same chunks with an unknown field, which are read field by field', () => {
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 8 }), (chunks) => {
        const plain = chat.stream();
        const other = chat.stream();
        for (const each of chunks) {
          const choices = choicesOf(each).map((of) => ({ ...of, delta: of.delta && { ...of.delta, ...unknown } }));
          expect(plain.add(each, tools)).to.equal(other.add({ ...each, choices, ...unknown }, tools));
          expect(plain.isComplete).to.equal(other.isComplete);
          expect(plain.facts()).to.deep.equal(other.facts());
        }
      }),
      { numRuns: 2000, endOnFailure: true },
    );
  });

  it('do not hide a failure that a class reports by a getter', () => {
    class Chunk {
      readonly choices = [{ index: 0, delta: { content: 'half' } }];
      get error() {
        return { message: 'overloaded' };
      }
    }
    const stream = chat.stream();
    stream.add(new Chunk(), tools);
    expect(stream.facts().error).to.equal('overloaded');
  });
});
