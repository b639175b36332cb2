import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { environmentFor } from '../../lib/local/environment.js';
import { temporaryFolder } from '../support/local-server.js';

describe('environmentFor()', () => {
  it('names a file that Node loads first, from a folder of any name, after the files already named', async () => {
    await using data = await temporaryFolder();
    for (const name of ['plain', 'a space', 'a "quote"', 'a \\ backslash']) {
      const folder = join(data.path, name);
      await mkdir(folder);
      const [before, first] = [join(data.path, 'before.cjs'), join(folder, 'first.cjs')];
      await writeFile(before, "console.log('before')");
      await writeFile(first, "console.log('first')");
      const env = environmentFor({ SETTING: 'set' }, first, { NODE_OPTIONS: `--require=${before}` });
      const args = ['-e', 'console.log(process.env.SETTING)'];
      expect(execFileSync(process.execPath, args, { env, encoding: 'utf8' }), name).to.equal('before\nfirst\nset\n');
    }
  });

  it('adds nothing but quotes that Node needs, because other tools split NODE_OPTIONS at spaces', () => {
    expect(environmentFor({}, '/app/first.cjs', {}).NODE_OPTIONS).to.equal('--require=/app/first.cjs');
  });
});
