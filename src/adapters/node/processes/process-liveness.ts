/**
 * Tells whether a process of this machine is there. One that belongs to somebody else counts as there; so does a zombie,
 * and whoever has got the pid since.
 */
export const processIsAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};
