import { isRight } from 'fp-ts/lib/Either.js';
import type { TableCheck } from '../../tlogfs/check/check-table.js';
import { tableLayout } from '../../tlogfs/table-layout.js';
import { layout } from '../pond/pond.js';
import { readReplica } from '../pond/replica.js';
import type { Finding } from '../shapes/finding.js';
import type { StewardPorts } from '../steward-ports.js';

/**
 * The findings of a table, where it is that of a replica: entries for which a checkpoint stands are not lost there, but still to
 * be fetched. A pull over versions that a push has left out publishes the newest one first, and may have been killed after that.
 */
export const historyToPull = (
  ports: Pick<StewardPorts, 'files'>,
  directory: string,
  { findings, isFollowed }: Pick<TableCheck, 'findings' | 'isFollowed'>,
): readonly Finding[] => {
  const missing = findings.flatMap((finding) => (finding._tag === 'LogEntryMissing' ? [finding] : []));
  if (missing.length === 0 || !isFollowed) return findings;
  const marker = readReplica(ports, directory)();
  if (!isRight(marker) || marker.right === null) return findings;
  const versions = missing.reduce((sum, { more = 0 }) => sum + 1 + more, 0);
  const file = tableLayout(layout(directory).data).logDir.slice(directory.length + 1);
  return [
    { _tag: 'HistoryNotPulled', file, versions },
    ...findings.filter(({ _tag }) => _tag !== 'LogEntryMissing'),
  ];
};
