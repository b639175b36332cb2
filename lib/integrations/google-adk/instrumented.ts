import type { FrameworkOptions } from '../adapter/options.js';

/** The settings for one copy of the framework. */
export interface Instrumented {
  options: FrameworkOptions;
  /** `false` after `uninstrument()`: existing runners are no longer recorded. */
  isOn: boolean;
}
