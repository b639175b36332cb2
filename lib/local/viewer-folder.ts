import { fileURLToPath } from 'node:url';

/** The folder of the viewer's files: next to this file in the sources, next to the command line's file in the package. */
export const viewerFolder = fileURLToPath(new URL('./viewer/', import.meta.url));
