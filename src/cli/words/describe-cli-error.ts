import type { InvalidArgument } from '../../domain/invalid-argument.js';
import { describeHostError } from '../../host-plans/steps/host-error.js';
import { describeSharedDirectory } from '../../host-plans/steps/shared-directory.js';
import { describeError } from '../../steward/describe-error.js';
import type { CliError } from '../errors.js';
import { isCliError } from '../exit-codes.js';
import { describeHostPlanErrors } from './describe-host-plan.js';

/** Any error of the command line as a sentence. */
export const describeCliError = (error: CliError): string => {
  switch (error._tag) {
    case 'Usage':
      return error.message;
    case 'CommitNotRecorded':
      return `commit ${error.txnSeq} is not in the control table yet`;
    case 'NoMatch':
      return `${error.pattern} matches no file in the pond`;
    case 'LinkInTarget':
      return `${error.path} is a symlink, and nothing is written through one`;
    case 'SharedDirectory':
      return describeSharedDirectory(error);
    case 'NotARegularFile':
      return `${error.path} is a pipe, socket or device, not a regular file`;
    case 'NotRows':
      return error.line === null
        ? `${error.path}: ${error.problem}`
        : `${error.path}, line ${error.line}: ${error.problem}`;
    case 'HostFileChanged':
      return `${error.path} changed while it was read; nothing was written`;
    case 'HostDirectory':
      return `${error.path} is a directory`;
    case 'InvalidHostPlan':
      return describeHostPlanErrors(error.path, error.errors);
    case 'HostPlanNotFound':
      return `there is no host plan ${error.id} that has not ended, or a process is at it`;
    case 'CheckpointsUnusable':
      return `checkpoints of host plans: ${describeHostError(error.cause)}`;
    case 'NoUserState':
      return `nothing can be kept for this user${error.path === null ? '' : ` in ${error.path}`}: ${error.problem}`;
    case 'UnsafeAddress':
      return error.message;
    case 'ListenFailed':
      return `nothing can be served at ${error.host}:${error.port}: ${error.message}`;
    case 'NotApproved':
      return `${error.directory}: nothing was approved`;
    case 'ApprovalNotFound':
      return `nothing is approved for ${error.which}, so nothing was taken back`;
    case 'InvalidArgument':
      return describeArguments(error);
    default:
      return describeError(error);
  }
};

/** Arguments of the library, by the options of the command line that say them; functions are not named, nobody called one. */
const describeArguments = ({ errors }: InvalidArgument): string =>
  errors
    .map(({ key, message }) => {
      const option = OPTIONS[key];
      return option === undefined ? message : `${option}: ${message}`;
    })
    .join('; ');

const OPTIONS: Readonly<Record<string, string>> = {
  timeColumn: '--time-column',
  timezone: '--timezone',
  unique: '--unique',
  onDuplicate: '--on-duplicate',
  schema: '--schema',
  version: '--version',
};

/** The same for what a transaction records of its failure; null for what is not one of these errors. */
export const describeFailure = (error: unknown): string | null =>
  isCliError(error) ? describeCliError(error) : null;
