/**
 * Node's modules, loaded when they are first used: each takes 5 to 10 ms, more than this whole package, and not every program
 * needs them. For a module that Node has already loaded, this call is faster than an import. Bundlers do not resolve it, and it
 * works in both module systems.
 */

export const asyncHooks = () => process.getBuiltinModule('node:async_hooks');
export const crypto = () => process.getBuiltinModule('node:crypto');
export const diagnosticsChannel = () => process.getBuiltinModule('node:diagnostics_channel');
export const dns = () => process.getBuiltinModule('node:dns');
export const fs = () => process.getBuiltinModule('node:fs');
export const https = () => process.getBuiltinModule('node:https');
export const nodeModule = () => process.getBuiltinModule('node:module');
export const net = () => process.getBuiltinModule('node:net');
export const os = () => process.getBuiltinModule('node:os');
export const path = () => process.getBuiltinModule('node:path');
export const threads = () => process.getBuiltinModule('node:worker_threads');
export const tls = () => process.getBuiltinModule('node:tls');
export const util = () => process.getBuiltinModule('node:util');
export const v8 = () => process.getBuiltinModule('node:v8');
export const zlib = () => process.getBuiltinModule('node:zlib');

/** Node's checks of a value's true class, whatever its prototype is. */
export const types = /* @__PURE__ */ (() => util().types)();

/** Memory that threads share; undefined if a hardened environment has removed `SharedArrayBuffer` or `Atomics`. */
export function sharedMemory(bytes: number): SharedArrayBuffer | undefined {
  const isThere = typeof SharedArrayBuffer !== 'undefined' && typeof Atomics !== 'undefined';
  return isThere ? new SharedArrayBuffer(bytes) : undefined;
}
