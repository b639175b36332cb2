// The checker is in samples/, because the samples use it, too, and may not import specs.
export { checkBody, type WriteCall, writeCalls } from '../../samples/receiving/contract.js';
