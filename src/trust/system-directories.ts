import type { PondPath } from '../domain/paths/pond-path.js';

/** The directories whose entries run: after commits, before them, at their time, and when files arrive. */
export const SYSTEM_DIRECTORIES: readonly PondPath[] = [
  '/etc/gate.d' as PondPath,
  '/etc/schedule.d' as PondPath,
  '/etc/system.d' as PondPath,
  '/etc/watch.d' as PondPath,
];
