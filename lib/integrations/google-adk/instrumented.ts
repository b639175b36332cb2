import type { FrameworkOptions } from '../adapter/options.js';

/** The settings for one copy of the framework. */
export interface Instrumented {
  options: FrameworkOptions;
  /** `false` while the adapter is taken off: runs that are there already are recorded no further. */
  isOn: boolean;
}
