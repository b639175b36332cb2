// Bundles the parts of other packages that the viewer uses into files for browsers, one for each package.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}lib/local/viewer/vendor/`;

/** The exports of each file, and their package. */
const files = {
  'diff.js': "export { diffLines, diffWordsWithSpace } from 'diff';",
  'markdown.js': "export { lexer } from 'marked';",
};

export async function buildVendor() {
  await Promise.all(Object.entries(files).map(([name, source]) => buildFile(name, source)));
}

async function buildFile(name, source) {
  const bundle = await rolldown({
    cwd: root,
    input: name,
    platform: 'browser',
    checks: { pluginTimings: false },
    plugins: [
      {
        name: 'source',
        resolveId: (id) => (id === name ? `${root}${name}` : null),
        load: (id) => (id === `${root}${name}` ? source : null),
      },
    ],
  });
  try {
    const { output } = await bundle.generate({ format: 'esm', minify: true, codeSplitting: false });
    const [, of] = /from '([\w-]+)'/.exec(source);
    // The package is not installed with ours, so its licence is added here.
    const licence = await readFile(`${root}node_modules/${of}/LICENSE`, 'utf8');
    await writeFile(
      folder + name,
      `/*! Holds parts of ${of}.\n\n${licence.replaceAll('*/', '* /')}*/\n${output[0].code}`,
    );
  } finally {
    await bundle.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildVendor();
