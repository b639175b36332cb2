import { fs, os, path } from './builtins.js';

/*
 * A local server tells programs on the same machine that it runs: by a file with its process id, which exists while it runs. So
 * no program has to ask over the network. Every user can write to the folder. So if somebody else has put something there under
 * the file's name (a link, a pipe, a folder), it is neither read nor written.
 */

const processId = /^[1-9]\d{0,9}$/;

function markOf(port: number | string): string {
  return path().join(os().tmpdir(), `pandaprobe-local-${port}`);
}

/** Creates the file that marks this process's local server. @returns a function that removes the file */
export function leaveMark(port: number): () => void {
  const mark = markOf(port);
  try {
    fs().rmSync(mark, { force: true }); // left by a server that was killed
    fs().writeFileSync(mark, String(process.pid), { flag: 'wx', mode: 0o644 });
  } catch {
    return () => {}; // without the file, programs send traces only when they have ended
  }
  return () => {
    try {
      fs().rmSync(mark, { force: true });
    } catch {
      // another process has replaced it
    }
  };
}

/** Whether a local server runs on this port of this machine. */
export function hasMark(port: number | string): boolean {
  try {
    const mark = markOf(port);
    if (!fs().lstatSync(mark).isFile()) return false;
    const pid = fs().readFileSync(mark, 'utf8');
    return processId.test(pid) && isRunning(Number(pid));
  } catch {
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM'; // the process runs, but belongs to another user
  }
}
