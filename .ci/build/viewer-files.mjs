// Files of the viewer that the command line uses, too, such as the text difference: it imports them where they lie beside it,
// because they are in the package already, each with the licence of what it holds.
export function viewerFiles() {
  return {
    name: 'viewer files',
    resolveId(id) {
      const path = /^\.\.\/(viewer\/.*\.js)$/.exec(id)?.[1];
      return path === undefined ? null : { id: `./${path}`, external: true };
    },
  };
}
