import type { JsonObject } from '../../domain/documents/json.js';
import type { RemoteLag } from '../../steward/remote-reports.js';
import { counted, isoTime, localTime } from './print-values.js';

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

export const remoteDocument = ({ name, url, pushedTxnSeq, behind, pushedAt }: RemoteLag): JsonObject => ({
  ...{ name, url, pushed_txn_seq: pushedTxnSeq, behind },
  pushed_at: pushedAt === null ? null : isoTime(pushedAt),
});
