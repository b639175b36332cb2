import type * as DeliveryFile from './delivery-file.js';

export type { DeliveryFile };

/**
 * Loads delivery where no file lies beside this one, because it was bundled or traced into an image: the import has a form that
 * bundlers and file tracers follow. The build has one file for each kind of module; CommonJS loads at once.
 */
export function deliveryBeside(): typeof DeliveryFile | Promise<typeof DeliveryFile> {
  return import('./delivery-file.js');
}
