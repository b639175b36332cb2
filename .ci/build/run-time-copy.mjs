// Shows tools that copy packages beside a bundle (Nitro, and with it Nuxt) the files that Node will load there.
//
// Nitro looks for `pandaprobe-ts` as a bundler does, so it finds dist/bundled, and copies what that file imports. But it leaves
// the import in the code, and Node then looks for dist/esm. Each file of dist/bundled therefore imports `#of-node/…`: for the tracer,
// which does not set the condition `module`, that is the file in dist/esm; for a bundler an empty one.
//
// Source: Node's documentation, *Subpath imports*; `@vercel/nft`, which follows them.
export function runTimeCopy(kind) {
  return {
    name: 'run-time-copy',
    renderChunk: (code, chunk) =>
      kind === 'bundled' && chunk.isEntry ? `import ${JSON.stringify(`#of-node/${chunk.name}`)};\n${code}` : null,
    generateBundle() {
      if (kind === 'bundled') this.emitFile({ type: 'asset', fileName: 'nothing.js', source: 'export {};\n' });
    },
  };
}
