import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import type { NotTrusted } from '../../domain/not-trusted.js';
import { isApproved } from '../../trust/approvals.js';
import { type ConfiguredNode, runsWhenRead } from '../../trust/code-bearing.js';
import { nodeDigest } from '../../trust/node-digest.js';
import { wouldRun } from '../../trust/would-run.js';
import { type Judged, judgeFiles, problemOf } from './judge-configuration.js';

/** Refuses to make the content or the entries of a node; null: it may be read. */
export const refuseToRead = (judged: Judged, path: string, node: ConfiguredNode): NotTrusted | null =>
  runsWhenRead(node, judged.kinds()) ? refuseNode(judged, path, node) : null;

/** Refuses to run a node that is not among the entries of a configuration; null: it may be run. */
export const refuseToRun = (judged: Judged, path: string, node: ConfiguredNode): NotTrusted | null => {
  const refusal = refuseNode(judged, path, node);
  if (refusal !== null || judged.trustsAll) return refusal;
  const files = judgeFiles(judged);
  if (files.isApproved) return null;
  return refusalOf(judged, path, node, { what: 'files', problem: files.problem });
};

const refuseNode = (judged: Judged, path: string, node: ConfiguredNode): NotTrusted | null => {
  if (judged.trustsAll) return null;
  const approved = isApproved(judged.ports.userState, nodeDigest(node));
  if (isRight(approved) && approved.right) return null;
  const problem = isLeft(approved) ? problemOf(approved.left) : null;
  return refusalOf(judged, path, node, { what: 'node', problem });
};

const refusalOf = (
  { address, kinds }: Judged,
  path: string,
  node: ConfiguredNode,
  { what, problem }: Pick<NotTrusted, 'what' | 'problem'>,
): NotTrusted => ({
  _tag: 'NotTrusted',
  directory: address,
  what,
  of: path,
  wouldRun: [wouldRun(path, node, kinds())],
  problem,
});
