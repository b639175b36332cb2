import { expect } from 'chai';
import { type Project, startProject } from '../support/trial.js';

/** What a development server of Vite needs to compile decorators and `using`, as docs/decorators.md says. */
const versions = [
  { vite: '7.3.8', config: { esbuild: { target: 'node20' } } },
  { vite: '8.3.8', config: { oxc: { target: 'node20', decorator: { legacy: true } } } },
];

const agent = `
  import { MemorySink, init, span, startTrace, trace } from 'pandaprobe-ts';
  const memory = new MemorySink();
  init({ sinks: [memory] });
  class Agent {
    @trace({ name: 'agent' }) async run(question: string) { return this.search(question); }
    @span({ kind: 'TOOL' }) async search(question: string) { return question; }
  }
  await new Agent().run('why?');
  {
    using t = startTrace('handle');
    using s = t.span('step');
    s.setOutput('done');
  }
  console.log(memory.tree());`;

for (const { vite, config } of versions) {
  describe(`A development server of Vite ${vite}`, () => {
    let project: Project;
    before(async function () {
      project = await startProject(this, { vite });
      await project.write({
        'package.json': '{ "private": true, "type": "module" }',
        'tsconfig.json': '{ "compilerOptions": { "target": "es2022", "module": "esnext" } }',
        'agent.ts': agent,
        'serve.mjs': `
          import { createServer } from 'vite';
          const server = await createServer({
            configFile: false, logLevel: 'silent', appType: 'custom', server: { middlewareMode: true, ws: false },
            optimizeDeps: { noDiscovery: true }, ...JSON.parse(process.env.CONFIG),
          });
          await server.ssrLoadModule('/agent.ts').catch((error) => console.log(error.name));
          await server.close();`,
      });
    });
    after(() => project?.remove());

    const printed = async (settings: object) =>
      (await project.node(['serve.mjs'], { CONFIG: JSON.stringify(settings) })).stdout;

    it('leaves decorators in the code without a setting', async () => {
      expect(await printed({})).to.equal('SyntaxError\n');
    });

    it('compiles decorators and `using` with the settings of the page', async () => {
      expect(await printed(config)).to.equal('agent\n└─ search TOOL\nhandle\n└─ step OTHER\n');
    });
  });
}
