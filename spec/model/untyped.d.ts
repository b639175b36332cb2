// Packages of the specs that bring no types.
declare module 'express';
declare module 'superagent';
