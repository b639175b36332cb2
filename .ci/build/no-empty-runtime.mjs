// Removes the file of rolldown's helpers if none of them is used, because each entry would have to load it.
export function noEmptyRuntime() {
  return {
    name: 'no-empty-runtime',
    generateBundle(_, chunks) {
      const runtime = Object.values(chunks).find(({ name }) => name === 'rolldown-runtime');
      if (runtime === undefined || runtime.exports.length > 0) return;
      delete chunks[runtime.fileName];
      for (const chunk of Object.values(chunks)) {
        chunk.code = chunk.code?.replace(/(?<=^|;)import ?"\.{1,2}\/rolldown-runtime\.js";\n?/m, '');
      }
    },
  };
}
