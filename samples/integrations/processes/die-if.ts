/** Kills this process, where it is the one that DIES names. */
export function dieIf(name: string): void {
  if (process.env.DIES === name) process.kill(process.pid, 'SIGKILL');
}
