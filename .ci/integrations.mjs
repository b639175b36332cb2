// The frameworks that the specs of lib/integrations/ run are a project of their own, spec/integrations/, so that `npm ci` of
// this one stays quick. `install` installs what its lock file names, `types` compiles its specs where they are installed.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'spec/integrations');
const isInstalled = existsSync(join(folder, 'node_modules/.package-lock.json'));

const commands = {
  install() {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const status = run(folder, npm, ['ci', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund']);
    // The samples load the frameworks as any program does.
    const link = join(root, 'samples/integrations/node_modules');
    rmSync(link, { recursive: true, force: true });
    symlinkSync(join(folder, 'node_modules'), link, 'junction');
    return status;
  },
  types() {
    const compile = (project) => run(root, process.execPath, ['node_modules/typescript/bin/tsc', '-p', project]);
    if (isInstalled) return compile(folder) || compile('samples/integrations');
    console.log('spec/integrations: left out, because its frameworks are not installed: npm run integrations');
    return process.env.CI === 'true' ? 1 : 0;
  },
};

process.exitCode = commands[process.argv[2]]();

function run(cwd, command, args) {
  return spawnSync(command, args, { cwd, stdio: 'inherit' }).status ?? 1;
}
