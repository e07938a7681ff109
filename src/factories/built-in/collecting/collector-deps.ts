import type { TinyFsError } from '../../../tinyfs/errors.js';
import type { RequestDeps } from '../http/patient-requests.js';

/** Ports that collectors need from outside. */
export interface CollectorDeps extends RequestDeps {
  /** Puts errors of the pond's filesystem into words. */
  readonly describe: (error: TinyFsError) => string;
}
