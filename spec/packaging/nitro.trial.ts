import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { settingsFor, startProject } from '../support/trial.js';
import { type RunServer, runServer } from './run-server.js';

/** Nuxt 3 and 4 build their servers by Nitro 2. Both copy packages beside the bundle: the files that they see imported. */
const versions = [
  {
    name: 'Nitro 2',
    packages: { nitropack: '2.13.6' },
    route: 'export default defineEventHandler(answer);',
    config: 'export default defineNitroConfig({ compatibilityDate: "2026-01-01" });',
  },
  {
    name: 'Nitro 3',
    packages: { nitro: '3.0.0' },
    route: 'import { defineHandler } from "nitro/h3"; export default defineHandler(answer);',
    config: `import { defineNitroConfig } from "nitro/config";
      export default defineNitroConfig({
        serverDir: './', compatibilityDate: "2026-01-01", esbuild: { options: { target: "es2022" } },
      });`,
  },
];

const agent = `
  import { span, trace } from 'pandaprobe-ts';
  import { wrapOpenAI } from 'pandaprobe-ts/wrappers/openai';
  const client = wrapOpenAI({
    chat: { completions: { create: async () => ({ model: 'gpt-5.4', choices: [{ message: { content: 'warm' } }] }) } },
  });
  class Agent {
    @trace({ name: 'agent' })
    async run(question: string) {
      await this.search(question);
      const { choices } = await client.chat.completions.create();
      return choices[0].message.content;
    }
    @span({ kind: 'TOOL' }) async search(question: string) { return question; }
  }
  const answer = async () => ({ said: await new Agent().run('How warm is it?') });`;

for (const { name, packages, route, config } of versions) {
  describe(`A server built by ${name}, in another folder`, () => {
    let folder: string;
    let receiver: Receiver;
    before(async function () {
      const project = await startProject(this, packages);
      try {
        await project.write({
          'package.json': '{ "private": true, "type": "module" }',
          'tsconfig.json': '{ "compilerOptions": { "target": "es2022", "module": "esnext" } }',
          'nitro.config.ts': config,
          'routes/run.ts': `${agent}\n${route}`,
        });
        const [builder = ''] = Object.keys(packages);
        const cli = join(project.home, 'node_modules', builder, 'dist/cli/index.mjs');
        const { code, stdout, stderr } = await project.node([cli, 'build']);
        if (code !== 0) throw new Error(`the build ended with ${code}:\n${stdout}${stderr}`);
        folder = await mkdtemp(join(tmpdir(), 'nitro-'));
        await cp(join(project.folder, '.output'), folder, { recursive: true, verbatimSymlinks: true });
      } finally {
        await project.remove();
      }
      receiver = await startReceiver();
    });
    after(async () => {
      await receiver?.close();
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    });

    const serve: RunServer = (env, use) => runServer(join(folder, 'server/index.mjs'), 'istening on', env, use);

    it('records decorated methods and wrapped clients, and delivers at SIGTERM', async () => {
      const { code, said } = await serve(settingsFor(receiver.url), async (url) => {
        expect(await (await fetch(`${url}/run`)).json()).to.deep.equal({ said: 'warm' });
      });
      expect(said).not.to.include('[pandaprobe]');
      expect(code).to.equal(0);
      expect(receiver.traces.map(treeOf)).to.deep.equal(['agent(search, openai-chat)']);
    });
  });
}
