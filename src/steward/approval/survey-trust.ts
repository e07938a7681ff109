import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { SYSTEM_DIRECTORIES } from '../../domain/paths/configuration-paths.js';
import { parentOf } from '../../domain/paths/pond-path.js';
import { isDynamic } from '../../domain/tree/node-row.js';
import { steps } from '../../effects/steps.js';
import { isApproved } from '../../trust/approvals.js';
import { isCodeBearing } from '../../trust/code-bearing.js';
import { configurationDigest, isCodeBearingConfiguration, wouldRunOf } from '../../trust/configuration.js';
import { pondFiles } from '../../trust/files-digest.js';
import { nodeDigest } from '../../trust/node-digest.js';
import { LARGEST_PLAIN_ENTRY, plainEntry } from '../../trust/plain-entry.js';
import { wouldRun } from '../../trust/would-run.js';
import { closedReader } from '../discovery/closed-reader.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import { originDigest, readReplica, storePlaceOf } from '../pond/replica.js';
import { isPlaceOfOthers } from '../trust/place-of-others.js';
import { readConfiguration } from '../trust/read-configuration.js';
import type { Approvable, TrustSurvey } from '../trust-survey.js';

/**
 * All that a pond would run, by what has to be approved for it: the newest configuration (or that of transaction `at`),
 * those of all commits whose tasks are unfinished, failed or skipped, the files beside `data` and `control`, and nodes
 * elsewhere that are code-bearing by themselves. Runs and loads nothing.
 */
export const surveyTrust = (pond: Pond, at?: number): TaskEither<PondError, TrustSurvey> =>
  steps(async (s) => {
    const { ports, directory, control, tlog } = pond;
    const view = await s.run(tlog.snapshot(at));
    const unfinished = await s.run(control.findIncompletePostCommitTasks());
    const failed = await s.run(control.findFailedTasks());
    const skipped = await s.run(control.findSkippedTasks());
    // What runs for a firing runs with the newest configuration.
    const commits = [...unfinished, ...failed, ...skipped]
      .filter(({ firing }) => firing === undefined)
      .map(({ parentTxnSeq }) => parentTxnSeq);
    const found = new Map<string, Approvable>();
    const add = (approvable: Approvable): void => {
      if (!found.has(approvable.digest)) found.set(approvable.digest, approvable);
    };
    for (const txnSeq of [...new Set([view.txnSeq, ...commits.sort((a, b) => b - a)])]) {
      const state = txnSeq === view.txnSeq ? view : await s.run(tlog.snapshot(txnSeq));
      const configuration = await s.run(readConfiguration(state));
      if (!isCodeBearingConfiguration(configuration)) continue;
      const digest = configurationDigest(configuration);
      add({
        digest,
        of: 'configuration',
        place: txnSeq,
        wouldRun: wouldRunOf(configuration, pond.trust.kinds),
      });
    }
    for (const node of await s.run(nodesOf(pond, view))) add(node);

    const marker = readReplica(ports, directory)();
    if (!isLeft(marker) && marker.right !== null) {
      const origin = storePlaceOf(marker.right);
      add({ digest: originDigest(origin), of: 'remote', place: origin.url, wouldRun: [] });
    }

    const files = pondFiles(ports.hostFiles, directory);
    if (!isLeft(files) && files.right.digest !== null)
      add({ digest: files.right.digest, of: 'files', place: files.right.paths, wouldRun: [] });

    const state = ports.userState.directory();
    const approved = new Set(
      [...found.keys()].filter((digest) => {
        const known = isApproved(ports.userState, digest);
        return !isLeft(known) && known.right;
      }),
    );
    return {
      directory: pond.address,
      approvables: [...found.values()].map((approvable) => ({
        ...approvable,
        isApproved: approved.has(approvable.digest),
      })),
      filesProblem: isLeft(files) ? files.left : null,
      stateProblem: isLeft(state) ? state.left.problem : null,
      isOfOthers: isPlaceOfOthers(ports, directory),
    };
  });

/** Nodes that are code-bearing by themselves; entries are approved with the configuration that they belong to. */
const nodesOf = (
  { trust: { kinds } }: Pond,
  view: Parameters<typeof closedReader>[0],
): TaskEither<PondError, readonly Approvable[]> =>
  steps<PondError, readonly Approvable[]>(async (s) => {
    const fs = closedReader(view);
    const { entries } = await s.run(fs.collectMatches('/**/*'));
    const nodes: Approvable[] = [];
    for (const { path, entryType, factory, size } of entries) {
      if (SYSTEM_DIRECTORIES.some((directory) => parentOf(path) === directory)) continue;
      const node =
        isDynamic(entryType) && factory !== null
          ? { factory, config: (await s.run(fs.getDynamicNodeConfig(path))).config }
          : entryType === 'file' && (size ?? 0) <= LARGEST_PLAIN_ENTRY
            ? plainEntry(path, await s.run(fs.readBytes(path)))
            : null;
      if (node === null || !isCodeBearing(node, kinds)) continue;
      nodes.push({
        digest: nodeDigest(node),
        of: 'node',
        place: path,
        wouldRun: [wouldRun(path, node, kinds)],
      });
    }
    return nodes;
  });
