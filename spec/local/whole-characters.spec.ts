import { expect } from 'chai';
import { stepTools } from '../../lib/local/mcp/step-tools.js';
import { boundedText } from '../../lib/local/text/bounded.js';
import { id, span, startRunning, trace } from '../support/local-server.js';

describe('Answers to a coding agent', () => {
  it('contain no half of a character', () => {
    expect(boundedText('ab🐼cd', 3)).to.equal('ab… (4 more characters)');
    expect(boundedText('ab🐼cd', 4)).to.equal('ab🐼… (2 more characters)');
    expect(boundedText('ab🐼', 4)).to.equal('ab🐼');
  });

  it('return a long step in parts that together are complete', async () => {
    await using running = await startRunning();
    await running.call('POST', '/traces', trace(1, { spans: [span(1, { output: `a${'🐼'.repeat(15_000)}` })] }));
    const tool = stepTools.find(({ name }) => name === 'get_step');
    const ask = async (from_char: number) => {
      const options = { endpoint: running.server.url, project: 'spec' };
      const context = { environment: {}, options, args: [], signal: new AbortController().signal };
      return (await tool?.run(context as never, { trace: id(1), step: '1', from_char })) ?? ''; // it has no terminal
    };
    let text = '';
    for (let from: number | undefined = 0; from !== undefined; ) {
      const answer = await ask(from);
      expect(answer.isWellFormed()).to.equal(true);
      const [, part = answer, next] = /^(.*)\n… \d+ more characters. Give from_char (\d+)\.$/s.exec(answer) ?? [];
      text += part;
      from = next === undefined ? undefined : Number(next);
    }
    expect(text.split('🐼')).to.have.lengthOf(15_001);
  });
});
