import { readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { runTsc } from '../support/tsc.js';
import { root, runNode, userProject } from '../support/user-project.js';

interface Said {
  readonly answers: [path: string, status: number, header: string | null, body: Record<string, unknown>][];
  readonly tree: string;
  readonly traces: { name: string; status: string; input: unknown; output: unknown }[];
  readonly methods: string[];
}

describe('P23 NestJS', () => {
  let folder: string;
  let bare: Said;
  before(async function () {
    this.timeout(120_000);
    folder = await userProject();
    for (const name of ['@nestjs', 'rxjs', 'reflect-metadata'])
      await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
    const source = await readFile(join(root, 'spec/beside/nest/app.ts'), 'utf8');
    const options = {
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      skipLibCheck: true,
      typeRoots: [join(root, 'node_modules/@types')],
      types: ['node'],
    };
    const errors = await runTsc(folder, { 'app.ts': source.slice(source.indexOf('\n') + 1) }, options);
    expect(errors).to.equal('');
    bare = await answer('none');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** What the application answers to a dozen requests, and what it records. */
  async function answer(traced: 'none' | 'above' | 'below', builtBy = 'factory'): Promise<Said> {
    return JSON.parse(await runNode([join(folder, 'app.js')], { TRACED: traced, BUILT_BY: builtBy }));
  }

  it('has answers to compare: good ones, from pipes, from guards, and errors', () => {
    expect(bare.answers.map(([path, status]) => `${status} ${path}`)).to.deep.equal([
      '200 agent/ask',
      '400 agent/ask',
      '403 agent/ask',
      '401 agent/ask',
      '200 agent/pages/7?lang=de',
      '400 agent/pages/seven',
      '404 agent/pages/404',
      '500 agent/pages/500',
      '200 agent/admin',
      '403 agent/admin',
      '401 agent/admin',
      '404 agent/nowhere',
    ]);
    expect(bare.answers[0]?.[3]).to.deep.equal({
      handler: 'ask',
      result: { answer: 'a page about pandas and a page about more', for: 'ada', isQuestion: true },
    });
    expect(bare.answers[4]?.slice(2)).to.deep.equal([
      'yes',
      { handler: 'page', result: { id: 7, type: 'number', lang: 'de', tone: 'calm' } },
    ]);
    expect(bare.traces).to.deep.equal([]);
  });

  for (const place of ['above', 'below'] as const) {
    for (const builtBy of ['factory', 'testing']) {
      it(`changes no answer with @trace ${place} the route decorators (application made by the ${builtBy})`, async () => {
        expect((await answer(place, builtBy)).answers).to.deep.equal(bare.answers);
      });
    }

    it(`records each call that gets through, with @trace ${place}, and nests the spans of providers in it`, async () => {
      const { tree, traces, methods } = await answer(place);
      expect(tree).to.equal(
        [
          'ask',
          '└─ answer AGENT',
          '   ├─ search RETRIEVER',
          '   ├─ search RETRIEVER',
          '   └─ write LLM',
          'page',
          'page ERROR',
          'page ERROR',
          'admin',
        ].join('\n'),
      );
      expect(traces[0]?.input).to.deep.equal({ question: { text: 'pandas' }, user: { name: 'ada' } });
      expect(traces.map(({ status }) => status)).to.deep.equal([
        'COMPLETED',
        'COMPLETED',
        'ERROR',
        'ERROR',
        'COMPLETED',
      ]);
      expect(methods).to.deep.equal(['ask', 'page', 'admin']);
    });
  }
});
