import { hostname, userInfo } from 'node:os';
import type { Host } from '../../ports/host.js';
import { processIsAlive } from './process-liveness.js';

/** This process and this machine. */
export const nodeHost = (): Host => ({
  pid: process.pid,
  hostName: hostname(),
  userName: nameOfUser(),
  workingDirectory: process.cwd(),
  variables: process.env,
  processIsAlive,
});

/** A user id without an entry in the user database (as in many containers) has no name. */
const nameOfUser = (): string => {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
};
