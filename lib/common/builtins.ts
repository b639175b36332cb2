/**
 * Modules of Node that not every program needs. Loading them takes longer than all of this package (5 to 10 ms each), so it
 * waits until they are used. Bundlers leave this form alone, and it works in both module systems.
 */

export const crypto = () => process.getBuiltinModule('node:crypto');
export const events = () => process.getBuiltinModule('node:events');
export const fs = () => process.getBuiltinModule('node:fs');
export const https = () => process.getBuiltinModule('node:https');
export const os = () => process.getBuiltinModule('node:os');
export const path = () => process.getBuiltinModule('node:path');
export const threads = () => process.getBuiltinModule('node:worker_threads');
