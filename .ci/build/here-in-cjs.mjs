// `import.meta.url` in CommonJS. Rolldown's own replacement is not used, because it fails if a bundler converts CommonJS to an ES
// module, which has no __filename.
import { join } from 'node:path';
import { root } from './root.mjs';

const here =
  '(typeof __filename === "string" ? process.getBuiltinModule("node:url").pathToFileURL(__filename).href : undefined)';

export function hereInCjs(kind) {
  return {
    name: 'here-in-cjs',
    transform: (code, id) =>
      kind === 'cjs' && code.includes('import.meta.url') && id.startsWith(join(root, 'lib'))
        ? code.replaceAll('import.meta.url', here)
        : null,
  };
}
