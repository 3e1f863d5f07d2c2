// The classic script, which has no chunks to load.
export * from './index.js';
export * from './state/index.js';
