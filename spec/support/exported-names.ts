import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './user-project.js';

/** Entries whose source file has another name. */
const sources: Readonly<Record<string, string>> = {
  '.': 'lib/index.ts',
  './prices': 'lib/prices/genai-prices.ts',
  './platform': 'lib/platform/platform-client.ts',
  './testing': 'lib/testing/testing.ts',
  './auto': 'lib/auto/auto.ts',
  './otlp': 'lib/otlp/otlp-sink.ts',
  './propagation': 'lib/propagation/propagation.ts',
  './opentelemetry': 'lib/opentelemetry/opentelemetry.ts',
};

/** The entries that users import, each with the file of lib/ from which it is built. */
export function entries(): readonly { readonly entry: string; readonly source: string }[] {
  const manifest: { exports: Record<string, unknown> } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return Object.keys(manifest.exports)
    .filter((path) => !path.endsWith('.json'))
    .flatMap((path) => (path.endsWith('/*') ? filesIn(path.slice(0, -1)) : [path]))
    .map((path) => ({
      entry: join('pandaprobe-ts', path).replaceAll('\\', '/'),
      source: sources[path] ?? `lib/${path.slice(2)}.ts`,
    }));
}

/** The entries of a pattern: the files directly in its folder. */
function filesIn(folder: string): string[] {
  return readdirSync(join(root, 'lib', folder))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => folder + name.slice(0, -'.ts'.length));
}

/** Every name a file of lib/ exports, types included. */
export function exportedNames(source: string): string[] {
  const text = readFileSync(join(root, source), 'utf8');
  const listed = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list = '']) =>
    list
      .split(',')
      .map((name) =>
        name
          .trim()
          .replace(/^type /, '')
          .replace(/^\w+ as /, ''),
      )
      .filter((name) => name !== ''),
  );
  const declared = [
    ...text.matchAll(/^export (?:declare |abstract |async )*(?:function\*?|class|const|interface|type) (\w+)/gm),
  ].map(([, name = '']) => name);
  const starred = [...text.matchAll(/^export \* from '(.*)'/gm)].flatMap(([, path = '']) =>
    exportedNames(join(dirname(source), path.replace(/\.js$/, '.ts'))),
  );
  return [...new Set([...listed, ...declared, ...starred])].toSorted();
}
