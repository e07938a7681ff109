import { type Either, getOrElse, isLeft, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { NotTrusted } from '../../domain/not-trusted.js';
import type { NoUserState } from '../../ports/user-state.js';
import type { TinyFsError } from '../../tinyfs/errors.js';
import type { PersistenceView, PersistenceWriter } from '../../tinyfs/persistence.js';
import { approve } from '../../trust/approvals.js';
import type { ConfiguredNode } from '../../trust/code-bearing.js';
import type { FactoryKinds } from '../../trust/factory-kinds.js';
import { pondFiles } from '../../trust/files-digest.js';
import { isTrustedPlace, trustedPlaces } from '../../trust/trusted-places.js';
import { approveCommit } from './approve-commit.js';
import type { Configurations } from './configurations.js';
import { type Judged, judgeConfiguration, type Verdict } from './judge-configuration.js';
import { refuseToRead, refuseToRun } from './judge-node.js';
import { isPlaceOfOthers } from './place-of-others.js';

export type { Verdict } from './judge-configuration.js';

/** Decides, without loading anything, what of a pond may run for this user. */
export interface PondTrust {
  /** The factories that come with the product. */
  readonly kinds: FactoryKinds;
  /** Judges the configuration of one state, and the files that it may use. */
  readonly judge: (view: PersistenceView) => TaskEither<TinyFsError, Verdict>;
  /** Refuses to make the content or the entries of a node; null: it may be read. */
  readonly refuseToRead: (path: string, node: ConfiguredNode) => NotTrusted | null;
  /** Refuses to run a node that is not among the entries of a configuration; null: it may be run. */
  readonly refuseToRun: (path: string, node: ConfiguredNode) => NotTrusted | null;
  /**
   * Approves what a commit of this user's changes, before its commit point, and judges the state that it makes. An
   * approval whose commit never comes to be is harmless. Only for a commit on an approved base that the user makes.
   */
  readonly approveCommit: (persistence: PersistenceWriter, base: Verdict) => TaskEither<TinyFsError, Verdict>;
}

export interface PondTrustOptions {
  readonly directory: string;
  /** Name by which people know the pond: its directory, or its address in a store. */
  readonly address: string;
  readonly kinds: () => FactoryKinds;
  readonly configurations: Configurations;
  readonly trust: 'approved' | 'all';
  /** The command, for the list of approvals. */
  readonly command: string;
}

type TrustPorts = Judged['ports'];

/** Trust in one pond. Nothing is remembered here: approvals are the user's, and are looked up when they are needed. */
export const pondTrust = (ports: TrustPorts, options: PondTrustOptions): PondTrust => {
  const { directory, address, kinds, configurations, command } = options;
  const trustsAll = options.trust === 'all' || isTrustedByVariable(ports, directory, address);
  const judged: Judged = { ports, directory, address, kinds, trustsAll };
  return {
    get kinds() {
      return kinds();
    },
    judge: (view) =>
      pipe(
        configurations.of(view),
        TE.map((configuration) => {
          const verdict = judgeConfiguration(judged, configuration, view.txnSeq);
          return configuration.places === null ? verdict : { ...verdict, places: configuration.places };
        }),
      ),
    refuseToRead: (path, node) => refuseToRead(judged, path, node),
    refuseToRun: (path, node) => refuseToRun(judged, path, node),
    approveCommit: (persistence, base) =>
      approveCommit(judged, { configurations, persistence, base, command }),
  };
};

/** The command that approves, as the list of approvals shows it. */
export const commandText = (cliArgs: readonly string[]): string =>
  cliArgs.length === 0 ? 'the library' : `pond ${cliArgs.join(' ')}`.slice(0, 500);

/** `POND_TRUST` names directories as people do, who may get to them through links. */
const isTrustedByVariable = (
  { host, hostFiles, logger }: TrustPorts,
  directory: string,
  address: string,
): boolean => {
  const places = trustedPlaces(host.variables.POND_TRUST);
  if (isLeft(places)) {
    logger.log('warn', 'pond_trust_ignored', {
      problem: places.left,
      remedy: 'POND_TRUST has absolute directories and URLs, between colons or as a JSON list',
    });
    return false;
  }
  const real = (path: string): string => getOrElse(() => path)(hostFiles.realPath(path)());
  if (address !== directory) return isTrustedPlace(places.right, address);
  return places.right.length > 0 && isTrustedPlace(places.right, directory, real);
};

/** Approves the files beside `data` and `control` as they are: what `init` finds in a directory of this user's own. */
export const approveFiles = (
  ports: TrustPorts,
  directory: string,
  command: string,
): Either<NoUserState, void> => {
  const files = pondFiles(ports.hostFiles, directory);
  if (isLeft(files) || files.right.digest === null || isPlaceOfOthers(ports, directory))
    return right(undefined);
  const { digest } = files.right;
  return approve(ports.userState, {
    digest,
    of: 'files',
    approved_at: ports.clock.nowMicros(),
    by: command,
    directory,
  });
};
