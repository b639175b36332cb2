import { expect } from 'chai';
import { MemorySink } from 'pandaprobe-ts';
import { coverage } from '../../samples/demo/answer.js';
import { Bm25 } from '../../samples/demo/bm25.js';
import { readMarkdown } from '../../samples/demo/markdown.js';
import { planAnswer } from '../../samples/demo/planner.js';
import { receipt } from '../../samples/demo/print.js';
import { countTokens, terms } from '../../samples/demo/text.js';
import { readTsdoc } from '../../samples/demo/tsdoc.js';
import { pickDiverse, similarity, vectorOf } from '../../samples/demo/vectors.js';
import { plain } from '../../samples/paint.js';

const words = (text: string) => text.split(' ');

describe('Demo parts', () => {
  describe('Bm25', () => {
    const index = new Bm25(['cat', 'cat cat dog', 'dog bird fish ant'], words);

    it('scores as the formula says', () => {
      // By hand: 3 documents, 2 hold `cat`, average length 8/3, k1 = 1.2, b = 0.75.
      const idf = Math.log(1 + 1.5 / 2.5);
      const of = (count: number, length: number) =>
        (idf * count * 2.2) / (count + 1.2 * (0.25 + (0.75 * length) / (8 / 3)));
      const hits = index.search(['cat'], 9);
      expect(hits.map(({ document }) => document)).to.deep.equal(['cat', 'cat cat dog']);
      expect(hits[0]?.score).to.be.closeTo(of(1, 1), 1e-12);
      expect(hits[1]?.score).to.be.closeTo(of(2, 3), 1e-12);
    });

    it('leaves out texts with none of the terms, and returns at most the limit', () => {
      expect(index.search(['snake'], 9)).to.deep.equal([]);
      expect(index.search(['dog', 'cat'], 1)).to.have.lengthOf(1);
    });

    it('weighs a rare term more', () => {
      expect(index.idf('bird')).to.be.above(index.idf('cat'));
    });
  });

  describe('terms()', () => {
    it('brings forms of a word together', () => {
      expect(terms('masks masking masked')).to.deep.equal(['mask', 'mask', 'mask']);
      expect(terms('traces tracing trace retries retry dropped drop')).to.deep.equal(
        words('trac trac trac retry retry drop drop'),
      );
    });

    it('counts an identifier whole and in parts, and no stop words', () => {
      expect(terms('what is the setError of max_size')).to.deep.equal(words('seterror set error max_siz max siz'));
    });
  });

  it('counts tokens by its own rule', () => {
    expect(countTokens('')).to.equal(0);
    expect(countTokens('Flush, then shutdown.')).to.equal(1 + 1 + 1 + 2 + 1);
  });

  describe('vectors', () => {
    const index = new Bm25(['red apple', 'green apple', 'blue whale'], terms);

    it('have length 1 and compare by angle', () => {
      const apple = vectorOf('red apple', index);
      expect(similarity(apple, apple)).to.be.closeTo(1, 1e-12);
      expect(similarity(apple, vectorOf('blue whale', index))).to.equal(0);
      expect(vectorOf('unknown', index).size).to.equal(0);
    });

    it('prefer texts that say something new', () => {
      const candidates = [
        { item: 'red', text: 'red apple', relevance: 1 },
        { item: 'red again', text: 'red apple', relevance: 0.95 },
        { item: 'whale', text: 'blue whale', relevance: 0.8 },
      ].map((each) => ({ ...each, vector: vectorOf(each.text, index) }));
      expect(pickDiverse(candidates, 2)).to.deep.equal(['red', 'whale']);
    });
  });

  describe('planAnswer()', () => {
    it('splits a question, and adds words of the documentation', () => {
      const { parts } = planAnswer('How do I record an error, and what happens when the backend is down?', []);
      expect(parts.map(({ question }) => question)).to.deep.equal([
        'How do I record an error',
        'what happens when the backend is down',
      ]);
      expect(parts[1]?.hints).to.match(/outage/);
    });

    it('keeps a pair of words together', () => {
      expect(planAnswer('sessions and users', []).parts).to.have.lengthOf(1);
    });

    it('finds the symbols that are meant', () => {
      expect(planAnswer('how is masking done with setError?', ['mask', 'setError', 'flush']).symbols).to.deep.equal([
        'setError',
        'mask',
      ]);
    });
  });

  it('reads Markdown as blocks under their headings', () => {
    const markdown =
      '# A\nOne\nline.\n\n## B\n- *first*\n- second [link](x)\n```ts\ncode\n```\n| k | v |\n|---|---|\n| `a\\|b` | 1 |\n';
    expect(readMarkdown(markdown)).to.deep.equal([
      { headings: ['A'], text: 'One line.' },
      { headings: ['A', 'B'], text: 'first' },
      { headings: ['A', 'B'], text: 'second link' },
      { headings: ['A', 'B'], text: 'k: `a|b`; v: 1' },
    ]);
  });

  it('reads comments with the code that follows', () => {
    const source = `
/** Adds. @param a - the first */
export function add(a: number, b = { x: 1 }): number {
}
/** Options. */
export interface Options {
  /** How many. @defaultValue 3 */
  readonly count?: number | undefined;
}
`;
    expect(readTsdoc(source)).to.deep.equal([
      {
        name: 'add',
        signature: 'function add(a: number, b = { x: 1 }): number',
        line: 3,
        text: 'Adds. a - the first',
        container: undefined,
      },
      { name: 'Options', signature: 'interface Options', line: 6, text: 'Options.', container: undefined },
      {
        name: 'count',
        signature: 'readonly count?: number | undefined',
        line: 8,
        text: 'How many. The default is 3.',
        container: 'Options',
      },
    ]);
  });

  it('measures how much of the question is answered', () => {
    const index = new Bm25(['mask secrets', 'other'], terms);
    expect(coverage('mask secrets', 'Masks the secret.', index)).to.equal(1);
    expect(coverage('mask secrets', 'nothing', index)).to.equal(0);
  });

  describe('receipt()', () => {
    const recorded = new MemorySink();

    it('reports a failure when nothing was recorded', () => {
      expect(receipt({ traces: [], requests: 0, problems: [] }, recorded, plain)).to.deep.include({ isFine: false });
    });

    it('lists what is missing and what is wrong', () => {
      recorded.score({
        traceId: 't',
        name: 'n',
        value: '1',
        dataType: 'NUMERIC',
        reason: undefined,
        metadata: undefined,
      });
      const { text, isFine } = receipt(
        { traces: [], requests: 1, problems: ['POST /traces: /name: bad'] },
        recorded,
        plain,
      );
      expect(isFine).to.equal(false);
      expect(text.split('\n')).to.include.members([
        'received 0 of 1, 1 against the contract',
        'POST /traces: /name: bad',
      ]);
    });
  });
});
