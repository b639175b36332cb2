import { install } from './install.js';

// The file that `require('pandaprobe-ts/auto')` and `--require` load. The program goes on at once.
void install();
