import type { Logger } from '../../ports/logger.js';

/** Says nothing. */
export const silentLogger: Logger = {
  log: () => undefined,
  takes: () => false,
  with: () => silentLogger,
};
