/**
 * Ends this process as a signal to stop does, so that what it runs is ended in its own way, and after so many milliseconds
 * in any case; its exit code is 1. A program of somebody else's that has no handler for the signal ends at once.
 */
export const endSelf = (withinMs: number): void => {
  setTimeout(() => process.exit(FAILED), withinMs).unref();
  process.exitCode = FAILED;
  process.kill(process.pid, 'SIGTERM');
};

const FAILED = 1;
