import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformAsync } from '@babel/core';
import * as swc from '@swc/core';
import * as esbuild from 'esbuild';
import { runTsc, type Sources } from '../types/tsc.js';

/** One way to turn decorators into JavaScript that Node runs. */
export interface Dialect {
  readonly name: string;
  /** `experimentalDecorators`: called with target, key and descriptor; impossible on `#private` methods. */
  readonly isLegacy: boolean;
  /** Compiles TypeScript files (`agent.ts`) to JavaScript files of ES modules (`agent.js`) in the folder. */
  compile(folder: string, sources: Sources): Promise<void>;
}

export const dialects: readonly Dialect[] = [
  { name: 'tsc, standard', isLegacy: false, compile: tsc({}) },
  { name: 'tsc, experimentalDecorators', isLegacy: true, compile: tsc({ experimentalDecorators: true }) },
  {
    name: 'tsc, experimentalDecorators and emitDecoratorMetadata',
    isLegacy: true,
    compile: tsc({ experimentalDecorators: true, emitDecoratorMetadata: true }),
  },
  { name: 'esbuild, standard', isLegacy: false, compile: byEsbuild({}) },
  { name: 'esbuild, experimentalDecorators', isLegacy: true, compile: byEsbuild({ experimentalDecorators: true }) },
  { name: 'swc, standard', isLegacy: false, compile: bySwc({ decoratorVersion: '2023-11' }) },
  { name: 'swc, standard of 2022-03', isLegacy: false, compile: bySwc({ decoratorVersion: '2022-03' }) },
  {
    name: 'swc, legacy with metadata',
    isLegacy: true,
    compile: bySwc({ legacyDecorator: true, decoratorMetadata: true }),
  },
  { name: 'Babel, 2023-11', isLegacy: false, compile: byBabel('2023-11') },
  { name: 'Babel, legacy', isLegacy: true, compile: byBabel('legacy') },
];

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

function byBabel(version: '2023-11' | 'legacy'): Dialect['compile'] {
  return eachFile(async (source, file) => {
    const result = await transformAsync(source, {
      filename: file,
      configFile: false,
      babelrc: false,
      presets: ['@babel/preset-typescript'],
      plugins: [['@babel/plugin-proposal-decorators', { version }]],
      cwd: fileURLToPath(new URL('.', import.meta.url)),
    });
    return result?.code ?? '';
  });
}
