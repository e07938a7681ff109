import type { RemoteLag } from '../../steward/shapes/remote-reports.js';
import { counted, localTime } from './print-values.js';

/** A remote in one line: name, address, and how far behind it is as far as is known here. */
export const remoteRow = ({ name, url, pushedTxnSeq, behind, pushedAt }: RemoteLag): readonly string[] => [
  name,
  url,
  pushedTxnSeq === null
    ? 'never pushed'
    : behind === 0
      ? 'up to date'
      : `behind by ${counted(behind, 'commit')}`,
  pushedAt === null ? '' : `pushed ${localTime(pushedAt)}`,
];
