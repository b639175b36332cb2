// Imported to learn how Node loads ES modules: see older-hooks.ts. It does nothing.
export {};
