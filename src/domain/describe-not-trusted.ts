import type { NotTrusted, WouldRun } from './not-trusted.js';

/** Describes why nothing was run, with what would have run on the lines below. */
export const describeNotTrusted = (error: NotTrusted): string => {
  const problem = error.problem === null ? '' : ` (${error.problem})`;
  const shown = error.wouldRun.slice(0, MOST_SHOWN).map((would) => `  ${describeWouldRun(would)}`);
  const more = error.wouldRun.length - shown.length;
  return [
    `${subjectOf(error)} not approved by this user on this machine${problem}${shown.length === 0 ? '' : '; it would:'}`,
    ...shown,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join('\n');
};

/** `/etc/system.d/20-report: runs make report; reads the variable TOKEN`. */
export const describeWouldRun = ({ path, does }: WouldRun): string => `${path}: ${does.join('; ')}`;

const MOST_SHOWN = 10;

const subjectOf = ({ what, of, directory }: NotTrusted): string => {
  switch (what) {
    case 'configuration':
      return `${directory}: the configuration of transaction ${of} is`;
    case 'files':
      return `${directory}: the files beside data and control, which its configuration may use, are`;
    case 'node':
      return `${directory}: the node ${of} is`;
    case 'remote':
      return `${directory}: the remote ${of} (where this user's credentials would be sent) is`;
    case 'control':
      return `${directory}: the control database ${of} (where this user's credentials would be sent) is`;
  }
};
