// The samples check what they send, too, and may not import specs: so the checker stands with them.
export { checkBody, type WriteCall, writeCalls } from '../../samples/receiving/contract.js';
