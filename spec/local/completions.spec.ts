import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { commands } from '../../lib/local/program.js';
import { runCli, temporaryFolder } from '../support/local-server.js';

describe('Completions', () => {
  it('completes commands, options and values in bash', async () => {
    const { out } = await runCli(['completions', 'bash']);
    const complete = async (...words: string[]) => {
      const script = `${out}\nCOMP_WORDS=(pandaprobe-ts ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _pandaprobe_ts; echo "\${COMPREPLY[@]}"`;
      return (await promisify(execFile)('bash', ['-c', script])).stdout.trim();
    };
    expect(await complete('')).to.equal([...commands.map(({ name }) => name), '--help', '--version'].join(' '));
    expect(await complete('ex')).to.equal('export');
    expect(await complete('list', '--se')).to.equal('--session');
    expect(await complete('list', '--status', 'E')).to.equal('ERROR');
    expect(await complete('completions', '')).to.include('bash zsh fish');
  });

  for (const [shell, check] of [
    ['zsh', ['-n']],
    ['fish', ['--no-execute']],
  ] as const) {
    it(`names every command and option for ${shell}`, async () => {
      const { out } = await runCli(['completions', shell, '--json']);
      for (const command of commands) {
        expect(out).to.include(command.name);
        for (const name of Object.keys(command.options))
          expect(out).to.include(shell === 'fish' ? `-l ${name}` : `--${name}`);
      }
      await using folder = await temporaryFolder();
      writeFileSync(join(folder.path, 'script'), out);
      await promisify(execFile)(shell, [...check, join(folder.path, 'script')]).catch(
        (error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOENT') throw error; // that shell is not here
        },
      );
    });
  }
});
