/**
 * Modules of Node. Those that not every program needs take longer to load than all of this package (5 to 10 ms each), so
 * that waits until they are used; importing one that Node has loaded itself takes longer than asking for it. Bundlers leave
 * this form alone, and it works in both module systems.
 */

export const asyncHooks = () => process.getBuiltinModule('node:async_hooks');
export const crypto = () => process.getBuiltinModule('node:crypto');
export const fs = () => process.getBuiltinModule('node:fs');
export const https = () => process.getBuiltinModule('node:https');
export const nodeModule = () => process.getBuiltinModule('node:module');
export const net = () => process.getBuiltinModule('node:net');
export const os = () => process.getBuiltinModule('node:os');
export const path = () => process.getBuiltinModule('node:path');
export const threads = () => process.getBuiltinModule('node:worker_threads');
export const tls = () => process.getBuiltinModule('node:tls');
export const util = () => process.getBuiltinModule('node:util');
export const zlib = () => process.getBuiltinModule('node:zlib');

/** What a value is inside, whatever its prototype says. */
export const types = /* @__PURE__ */ (() => util().types)();

/** Memory that threads share; undefined where a hardened environment has taken that away, or what it is read with. */
export function sharedMemory(bytes: number): SharedArrayBuffer | undefined {
  const isThere = typeof SharedArrayBuffer !== 'undefined' && typeof Atomics !== 'undefined';
  return isThere ? new SharedArrayBuffer(bytes) : undefined;
}
