/** Connections of this process on which something may be running. */
const running = new Set<{ readonly interrupt: () => void }>();

/** Takes note of a connection; returns what takes it back. */
export const nowRunning = (connection: { readonly interrupt: () => void }): (() => void) => {
  running.add(connection);
  return () => {
    running.delete(connection);
  };
};

/**
 * Interrupts whatever the engines of this process are doing. For the end of the process, which would otherwise wait for them: they
 * have threads of their own.
 */
export const interruptEngines = (): void => {
  for (const connection of running) connection.interrupt();
};
