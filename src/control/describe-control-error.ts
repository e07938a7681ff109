import type { UnsafeFile } from '../ports/file-system.js';
import { SERVER_NOT_GRANTED, SERVER_READ_ONLY, SERVER_TRY_AGAIN } from '../ports/sql-server.js';
import type { ControlError } from './control-error.js';

/** An error of the control table in words; what can be done about it says {@link remedyForControlError}. */
export const describeControlError = (error: Exclude<ControlError, UnsafeFile>): string => {
  switch (error._tag) {
    case 'ControlMissing':
      return `the control table ${error.path} is missing; the data is safe`;
    case 'ControlUnusable':
      return `the control table ${error.path} cannot be used: ${error.problem}; the data is safe`;
    case 'PondTooNew':
      return `${error.path} has the format ${error.format}, and this version of pond knows up to ${error.known}`;
    case 'ControlUnreadable':
      return `the control table ${error.path} may not be read: ${error.message}; it is its owner's, and contents of the pond can be read without it`;
    case 'ControlReadOnly':
      return `the control table ${error.path} may not be written here, so nothing can be recorded`;
    case 'ControlInUse':
      return `the control table ${error.path} is of an older version and cannot be migrated while process ${error.runner.pid} (${error.runner.command}) runs tasks`;
    case 'ControlFailed':
      return `the control table ${error.path} failed: ${error.message}${isSaid(error) ? '' : ` (${error.code})`}${meaningOf(error.code)}`;
    case 'StaleToken':
      return `task ${error.task} was taken over by another runner (token ${error.token} is stale); its outcome was not recorded here`;
    case 'TaskNotFound':
      return `there is no task ${error.task}`;
  }
};

/** Tells whether SQLite's code is, or may be, that of a full disk, which it also meets when it makes the files beside its database. */
export const isOfFullDisk = (code: string): boolean =>
  code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE' || code === 'SQLITE_IOERR_WRITE';

/** A server's messages have its own code already, and the port's words for some say nothing to people. */
const isSaid = ({ code, message }: { readonly code: string; readonly message: string }): boolean =>
  message.includes(code) || OF_SERVER.has(code) || code === 'UNKNOWN';

const OF_SERVER: ReadonlyMap<string, { readonly meaning: string; readonly remedy: string }> = new Map([
  [SERVER_TRY_AGAIN, { meaning: 'this may pass', remedy: 'try again' }],
  [
    SERVER_READ_ONLY,
    {
      meaning: 'it takes no writes now',
      remedy:
        'name the primary where it is a standby, else make it writable again (default_transaction_read_only; some providers set it when the disk is full)',
    },
  ],
  [
    SERVER_NOT_GRANTED,
    {
      meaning: 'its owner has not granted this role ($PGUSER) that',
      remedy: 'GRANT it, or connect as the role that made the pond',
    },
  ],
]);

const meaningOf = (code: string): string => {
  const ofServer = OF_SERVER.get(code);
  if (ofServer !== undefined) return `; ${ofServer.meaning}`;
  if (code.startsWith('SQLITE_BUSY')) return '; another process is writing it';
  if (code === 'SQLITE_FULL') return '; the disk is full';
  return isOfFullDisk(code) ? '; the disk may be full' : '';
};

/** Returns what can be done about an error of the control table, as a phrase that follows "try"; null where there is nothing general to say. */
export const remedyForControlError = (error: ControlError): string | null => {
  switch (error._tag) {
    case 'ControlMissing':
      return 'pond rebuild-control makes a new one';
    case 'ControlUnusable':
      return 'pond rebuild-control puts it aside and makes a new one';
    case 'TaskNotFound':
      return 'pond control lists the tasks';
    case 'ControlFailed': {
      const remedies = [error.remedy ?? null, remedyByCode(error.code)].filter((one) => one !== null);
      return remedies.length === 0 ? null : remedies.join('; ');
    }
    default:
      return null;
  }
};

const remedyByCode = (code: string): string | null => {
  const ofServer = OF_SERVER.get(code);
  if (ofServer !== undefined) return ofServer.remedy;
  if (code.startsWith('SQLITE_BUSY')) return 'try again';
  if (isOfFullDisk(code)) return 'make room, then pond recover';
  return code.startsWith('SQLITE_IOERR') || code === 'ILLEGAL_SEQUENCE'
    ? 'if this persists, move the file away and run pond rebuild-control'
    : null;
};
