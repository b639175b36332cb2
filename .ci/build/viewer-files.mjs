// Files of the viewer that the command line also uses, such as the text difference. The command line imports them from the
// viewer's folder, because they are in the package anyway, each with the licence of its content.
export function viewerFiles() {
  return {
    name: 'viewer files',
    resolveId(id) {
      const path = /^\.\.\/(viewer\/.*\.js)$/.exec(id)?.[1];
      return path === undefined ? null : { id: `./${path}`, external: true };
    },
  };
}
