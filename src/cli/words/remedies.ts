import { remedyForPondError } from '../../documents/remedy.js';
import type { CliError } from '../errors.js';

/** Returns what can be done about an error, as a phrase that follows "try"; null where there is nothing general to say. */
export const remedyFor = (error: CliError): string | null => {
  switch (error._tag) {
    case 'Usage':
      return error.remedy;
    case 'NoUserState':
      return 'set POND_STATE_DIR to a directory of your own';
    case 'NotApproved':
      return 'pond trust --yes approves without asking';
    case 'ApprovalNotFound':
      return 'pond trust --list shows what is approved: name a directory of it, or a digest';
    case 'HostDirectory':
      return 'copy all of it with --recursive';
    case 'HostFileChanged':
      return 'once nobody writes to it, do it again';
    case 'NotARegularFile':
      return 'standard input is read by: pond copy - PATH; standard output is written by: pond cat PATH';
    case 'LinkInTarget':
      return 'remove the symlink, or copy into another directory';
    case 'NoMatch':
      return 'pond list shows what is there; quote patterns, so that the shell leaves them alone';
    case 'NotRows':
      return error.remedy;
    case 'UnsafeAddress':
      return error.remedy;
    case 'ListenFailed':
      return error.code === 'EADDRINUSE'
        ? 'listen at another port with --listen 127.0.0.1:7118, or at none with --no-web'
        : null;
    case 'InvalidHostPlan':
    case 'CheckpointsUnusable':
    case 'SharedDirectory':
      return null;
    case 'HostPlanNotFound':
      return 'pond host checkpoints lists them';
    default:
      return remedyForPondError(error);
  }
};
