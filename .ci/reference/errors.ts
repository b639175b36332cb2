/**
 * What this package throws or reports, from `pandaprobe-ts`.
 *
 * @module
 */
export {
  DeliveryError,
  type ErrorCode,
  errorCodes,
  PandaProbeError,
  SettingsError,
  UsageError,
} from '../../lib/index.js';
