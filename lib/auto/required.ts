import { install } from './install.js';

// What `require('pandaprobe-ts/auto')` and `--require` load: the program goes on at once.
void install();
