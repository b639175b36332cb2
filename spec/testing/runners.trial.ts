import { expect } from 'chai';
import { type Project, startProject } from '../support/trial.js';

const agent = (load: string) => `
${load}
const agent = (fails) => withTrace('agent', async () => {
  await withSpan('search', { kind: 'TOOL' }, async (s) => {
    s.setInput({ query: 'refund' });
    if (fails) s.setError('no luck');
  });
  return 'done';
});
`;
const tests = `
test('passes', async () => {
  const run = await recordRun(() => agent(false));
  expect(run.value).toBe('done');
  expect(run).toHaveTree(\`
    agent
    └─ search TOOL
  \`);
  expect(run).toHaveCalledTool('search', { times: 1, input: { query: 'refund' } });
  expect(run).not.toHaveCalledTool('pay');
  expect(run).toCostLessThan(0.01);
  expect(run).toUseTokensAtMost(10);
  expect(run).toHaveNoErrors();
});
test('fails', async () => {
  expect(await recordRun(() => agent(true))).toHaveTree('agent\\n└─ search TOOL');
});
`;
const names = 'matchers, chaiMatchers, recordRun';

/** By runner: its packages, what starts it, its test file. */
const runners = {
  jest: {
    versions: { jest: '30.5.2' },
    args: ['jest/bin/jest.js', '--ci'],
    file: 'agent.test.js',
    text: `${agent(`const { withSpan, withTrace } = require('pandaprobe-ts'); const { ${names} } = require('pandaprobe-ts/testing'); expect.extend(matchers);`)}${tests}`,
  },
  vitest: {
    versions: { vitest: '3.2.4' },
    args: ['vitest/vitest.mjs', 'run'],
    file: 'agent.test.mjs',
    text: `${agent(`import { withSpan, withTrace } from 'pandaprobe-ts'; import { ${names} } from 'pandaprobe-ts/testing'; import { expect, test } from 'vitest'; expect.extend(matchers);`)}${tests}`,
  },
  mocha: {
    versions: { mocha: '11.7.5', chai: '6.3.0' },
    args: ['mocha/bin/mocha.js', 'agent.test.mjs'],
    file: 'agent.test.mjs',
    text: `${agent(`import { withSpan, withTrace } from 'pandaprobe-ts'; import { ${names} } from 'pandaprobe-ts/testing'; import * as chai from 'chai'; const { expect } = chai; chai.use(chaiMatchers); const test = it;`)}${tests
      .replaceAll('.toBe(', '.to.equal(')
      .replaceAll(/\.not\.to(\w)/g, (_, first: string) => `.to.not.${first.toLowerCase()}`)
      .replaceAll(/\.to([A-Z])/g, (_, first: string) => `.to.${first.toLowerCase()}`)}`,
  },
} as const;

for (const [name, { versions, args, file, text }] of Object.entries(runners)) {
  describe(`Matchers in a project with ${name}`, () => {
    let project: Project;
    before(async function () {
      project = await startProject(this, versions);
      await project.write({ 'package.json': '{ "private": true }', [file]: text });
    });
    after(() => project?.remove());

    it('pass and fail as they should, and show both trees', async () => {
      const [main = '', ...rest] = args;
      const { code, stdout, stderr } = await project.node([`${project.home}/node_modules/${main}`, ...rest]);
      const said = stdout + stderr;
      expect(code, said).to.equal(1);
      expect(said)
        .to.match(/1 passed|1 passing/)
        .and.match(/1 failed|1 failing/);
      expect(said).to.include('└─ search TOOL ERROR');
    });
  });
}
