import { fileURLToPath } from 'node:url';

/** Where the files of the viewer are: beside this file in the sources, beside the command line in the package. */
export const viewerFolder = fileURLToPath(new URL('./viewer/', import.meta.url));
