import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformAsync } from '@babel/core';
import * as swc from '@swc/core';
import * as esbuild from 'esbuild';
import { runTsc, type Sources } from '../support/tsc.js';

/** One way to turn decorators into JavaScript that Node runs. */
export interface Dialect {
  readonly name: string;
  /** Whether the dialect has decorators on `#private` methods. */
  readonly hasPrivate: boolean;
  /** Compiles TypeScript files (`agent.ts`) to JavaScript files of ES modules (`agent.js`) in the folder. */
  compile(folder: string, sources: Sources): Promise<void>;
}

export const dialects: readonly Dialect[] = [
  { name: 'tsc, standard', hasPrivate: true, compile: tsc({}) },
  { name: 'tsc, experimentalDecorators', hasPrivate: false, compile: tsc({ experimentalDecorators: true }) },
  {
    name: 'tsc, experimentalDecorators and emitDecoratorMetadata',
    hasPrivate: false,
    compile: tsc({ experimentalDecorators: true, emitDecoratorMetadata: true }),
  },
  { name: 'esbuild, standard', hasPrivate: true, compile: byEsbuild({}) },
  { name: 'esbuild, experimentalDecorators', hasPrivate: false, compile: byEsbuild({ experimentalDecorators: true }) },
  { name: 'swc, standard', hasPrivate: true, compile: bySwc({ decoratorVersion: '2023-11' }) },
  { name: 'swc, standard of 2022-03', hasPrivate: true, compile: bySwc({ decoratorVersion: '2022-03' }) },
  {
    name: 'swc, legacy with metadata',
    hasPrivate: false,
    compile: bySwc({ legacyDecorator: true, decoratorMetadata: true }),
  },
  { name: 'swc, 2021-12', hasPrivate: false, compile: bySwc({ decoratorVersion: '2021-12' }) },
  ...['2023-11', '2023-05', '2023-01'].map((version) => {
    return { name: `Babel, ${version}`, hasPrivate: true, compile: byBabel({ version }) };
  }),
  // That of 2022-03, which swc has as well, allows no decorator before `export`.
  { name: 'Babel, 2021-12', hasPrivate: true, compile: byBabel({ version: '2021-12', decoratorsBeforeExport: true }) },
  { name: 'Babel, 2018-09', hasPrivate: false, compile: byBabel({ version: '2018-09', decoratorsBeforeExport: true }) },
  { name: 'Babel, legacy', hasPrivate: false, compile: byBabel({ version: 'legacy' }) },
];

/** That dialect makes class fields itself, which has to be allowed. */
const fields = '@babel/plugin-transform-class-properties';

function tsc(options: object): Dialect['compile'] {
  // Misused decorators are type errors, yet code comes out: here the code is wanted.
  return async (folder, sources) => void (await runTsc(folder, sources, options));
}

/** For compilers that know one file at a time. */
function eachFile(compile: (source: string, file: string) => Promise<string>): Dialect['compile'] {
  return async (folder, sources) => {
    const files = Object.entries(sources).map(async ([file, source]) => {
      const path = join(folder, file);
      await writeFile(path.replace(/\.ts$/, '.js'), await compile(source, path));
    });
    await Promise.all(files);
  };
}

function byEsbuild(compilerOptions: { experimentalDecorators?: boolean }): Dialect['compile'] {
  return eachFile(async (source, file) => {
    const { code } = await esbuild.transform(source, {
      loader: 'ts',
      format: 'esm',
      target: 'es2022',
      sourcefile: file,
      tsconfigRaw: { compilerOptions },
    });
    return code;
  });
}

function bySwc(transform: swc.TransformConfig): Dialect['compile'] {
  return eachFile(async (source, file) => {
    const { code } = await swc.transform(source, {
      filename: file,
      swcrc: false,
      configFile: false,
      module: { type: 'es6' },
      jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true }, transform },
    });
    return code;
  });
}

function byBabel(options: { readonly version: string; readonly decoratorsBeforeExport?: boolean }): Dialect['compile'] {
  return eachFile(async (source, file) => {
    const result = await transformAsync(source, {
      filename: file,
      configFile: false,
      babelrc: false,
      presets: ['@babel/preset-typescript'],
      plugins: [['@babel/plugin-proposal-decorators', options], ...(options.version === '2018-09' ? [fields] : [])],
      cwd: fileURLToPath(new URL('.', import.meta.url)),
    });
    return result?.code ?? '';
  });
}
