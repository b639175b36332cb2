import { expect } from 'chai';
import { known, program } from '../packaging/versions/known.js';
import { startProvider } from '../support/provider.js';
import { type Project, startProject } from '../support/trial.js';

const aliases = Object.entries(known).flatMap(([name, { package: from, versions }]) =>
  versions.map((version) => [`${name}-${version}`, `npm:${from}@${version}`] as const),
);

describe('A wrapped client', () => {
  let project: Project;
  before(async function () {
    const versions = { ...Object.fromEntries(aliases), '@smithy/node-http-handler': '4.14.2' };
    project = await startProject(this, versions);
    await project.write({ 'package.json': '{ "private": true, "type": "module" }', 'program.mjs': program });
  });
  after(() => project?.remove());

  for (const [name, { package: from, versions, answer, lines }] of Object.entries(known)) {
    for (const version of versions) {
      it(`P35 of ${from} ${version} is recorded and gives what a bare one gives`, async () => {
        await using provider = await startProvider(answer);
        const args = ['program.mjs', name, `${name}-${version}`, provider.url];
        const { code, stdout, stderr } = await project.node(args);
        expect({ code, said: stdout.trimEnd().split('\n') }, stderr).to.deep.equal({ code: 0, said: lines(version) });
        expect(stderr).to.not.include('pandaprobe'); // AWS says what it thinks of older Nodes
      });
    }
  }
});
