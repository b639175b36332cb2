import { fs, os, path } from './builtins.js';

/*
 * A local server tells the programs of its machine that somebody may be watching: by a file that is there while it runs, with
 * the number of its process. So nobody has to ask it.
 */

function markOf(port: number | string): string {
  return path().join(os().tmpdir(), `pandaprobe-local-${port}`);
}

/** Leaves the mark of this process's local server. @returns what takes it away again */
export function leaveMark(port: number): () => void {
  try {
    fs().writeFileSync(markOf(port), String(process.pid));
  } catch {
    return () => {}; // traces are shown when they have ended
  }
  return () => fs().rmSync(markOf(port), { force: true });
}

/** Whether a local server runs on this port of this machine. */
export function hasMark(port: number | string): boolean {
  try {
    process.kill(Number(fs().readFileSync(markOf(port), 'utf8')), 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM'; // it runs, as somebody else's process
  }
}
