import { isRight } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import { isDynamic, type NodeRow } from '../../domain/tree/node-row.js';
import { steps } from '../../effects/steps.js';
import type { TinyFsError } from '../../tinyfs/errors.js';
import type { PersistenceView, PersistenceWriter } from '../../tinyfs/persistence.js';
import { type Approval, approve } from '../../trust/approvals.js';
import { type ConfiguredNode, isCodeBearing } from '../../trust/code-bearing.js';
import { isCodeBearingConfiguration, type PondConfiguration } from '../../trust/configuration.js';
import { nodeDigest } from '../../trust/node-digest.js';
import { plainEntry } from '../../trust/plain-entry.js';
import type { Configurations } from './configurations.js';
import { digestOf, type Judged, judgeConfiguration, problemOf, type Verdict } from './judge-configuration.js';
import { isPlaceOfOthers } from './place-of-others.js';
import { isOfConfiguration } from './read-configuration.js';

/** A commit of this user's that is about to be made. */
interface CommitToApprove {
  readonly configurations: Configurations;
  readonly persistence: PersistenceWriter;
  /** Verdict about the state that the commit is built on. */
  readonly base: Verdict;
  /** The command, for the list of approvals. */
  readonly command: string;
}

/**
 * Approves what a commit changes, before its commit point, where its base is approved, and judges the state that it makes. Most
 * commits leave the configuration as it was, and with it what was found out about it.
 */
export const approveCommit = (
  judged: Judged,
  { configurations, persistence, base, command }: CommitToApprove,
): TaskEither<TinyFsError, Verdict> =>
  steps(async (s) => {
    const written = persistence.written();
    const { places } = base;
    const mayChange = places === undefined || written.some((row) => isOfConfiguration(row, places));
    const changed = mayChange ? await s.run(configurations.of(persistence)) : null;
    if (base._tag === 'Trusted' && base.isApproved) {
      const digests = [
        ...configurationToApprove(changed, base.digest),
        ...(await nodesToApprove(judged, persistence, written)),
      ];
      if (digests.length > 0 && !isPlaceOfOthers(judged.ports, judged.directory))
        keepAll(judged, digests, command);
    }
    return changed === null ? base : judgeConfiguration(judged, changed, persistence.txnSeq);
  });

type DigestToApprove = Pick<Approval, 'digest' | 'of'>;

const configurationToApprove = (
  changed: PondConfiguration | null,
  known: string | null,
): readonly DigestToApprove[] => {
  if (changed === null || !isCodeBearingConfiguration(changed)) return [];
  const digest = digestOf(changed);
  return digest === known ? [] : [{ digest, of: 'configuration' }];
};

const nodesToApprove = async (
  { kinds }: Judged,
  writer: PersistenceWriter,
  written: readonly NodeRow[],
): Promise<readonly DigestToApprove[]> => {
  const found: DigestToApprove[] = [];
  for (const row of written) {
    if (!mayBeNode(row)) continue;
    const node = nodeOf(row, writer.bytesOf(row) ?? (await contentOf(writer, row)));
    if (node !== null && isCodeBearing(node, kinds())) found.push({ digest: nodeDigest(node), of: 'node' });
  }
  return found;
};

/** Keeps approvals. Where one cannot be kept the others cannot either: the commit is made, and asks for approval later. */
const keepAll = (
  { ports: { userState, clock, logger }, address }: Judged,
  digests: readonly DigestToApprove[],
  command: string,
): void => {
  for (const { digest, of } of digests) {
    const approval = { digest, of, approved_at: clock.nowMicros(), by: command, directory: address };
    const kept = approve(userState, approval);
    if (isRight(kept)) continue;
    logger.log('warn', 'approval_not_kept', {
      problem: problemOf(kept.left),
      remedy: 'set POND_STATE_DIR to a directory of your own, or give --trust',
    });
    return;
  }
};

/** Tells whether a row may make what can be run or read as a node: what is not in the row is larger than a plain file that runs. */
const mayBeNode = (row: NodeRow): boolean =>
  !row.deleted &&
  (isDynamic(row.fileType)
    ? row.storageFormat !== 'none' && row.factory !== null
    : row.fileType === 'file' && row.storageFormat === 'inline');

/** Returns what such a row makes: a dynamic node, or a plain file that names a factory; null: nothing of the kind. */
const nodeOf = (row: NodeRow, content: Uint8Array): ConfiguredNode | null =>
  isDynamic(row.fileType) && row.factory !== null
    ? { factory: row.factory, config: content }
    : plainEntry(`/${row.name}` as PondPath, content);

const contentOf = async (view: PersistenceView, row: NodeRow): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of view.open(row)) chunks.push(chunk);
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
};
