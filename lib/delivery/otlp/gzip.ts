import { promisify } from 'node:util';
import { zlib } from '../../common/builtins.js';

/** Whether bodies can be compressed. */
export const canGzip = (): boolean => true;

/** Compresses bytes. */
export const gzip = (bytes: Buffer): Promise<Buffer> => promisify(zlib().gzip)(bytes);
