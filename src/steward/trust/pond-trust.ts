import { type Either, getOrElse, isLeft, isRight, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { NotTrusted } from '../../domain/not-trusted.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import { isDynamic, type NodeRow } from '../../domain/tree/node-row.js';
import { steps } from '../../effects/steps.js';
import type { NoUserState } from '../../ports/user-state.js';
import type { TinyFsError } from '../../tinyfs/errors.js';
import type { PersistenceView, PersistenceWriter } from '../../tinyfs/persistence.js';
import { type Approval, approve, isApproved } from '../../trust/approvals.js';
import { type ConfiguredNode, isCodeBearing, runsWhenRead } from '../../trust/code-bearing.js';
import {
  configurationDigest,
  isCodeBearingConfiguration,
  mightRefuse,
  mightRun,
  type PondConfiguration,
  wouldRunOf,
} from '../../trust/configuration.js';
import type { FactoryKinds } from '../../trust/factory-kinds.js';
import { pondFiles } from '../../trust/files-digest.js';
import { nodeDigest } from '../../trust/node-digest.js';
import { isOfOthers } from '../../trust/ownership.js';
import { plainEntry } from '../../trust/plain-entry.js';
import { isTrustedPlace, trustedPlaces } from '../../trust/trusted-places.js';
import { wouldRun } from '../../trust/would-run.js';
import type { StewardPorts } from '../steward-ports.js';
import type { Configurations } from './configurations.js';
import { isOfConfiguration } from './read-configuration.js';

/** Permissions of this process for the configuration of one state of a pond. */
export type Verdict = {
  /** The directories whose entries make the configuration; missing where it may come from anywhere. */
  readonly places?: ReadonlySet<string>;
} & Judgement;

type Judgement =
  /** `isApproved`: by this user, or there is nothing to approve; otherwise this one process was told to trust it. */
  | { readonly _tag: 'Trusted'; readonly isApproved: boolean; readonly digest: string | null }
  /** `mightRun`: a commit might run some of it; `mightRefuse`: before it, as its gates. */
  | {
      readonly _tag: 'NotTrusted';
      readonly mightRun: boolean;
      readonly mightRefuse: boolean;
      readonly refusal: NotTrusted;
    };

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

type TrustPorts = Pick<StewardPorts, 'hostFiles' | 'userState' | 'host' | 'clock' | 'logger'>;

export const pondTrust = (ports: TrustPorts, options: PondTrustOptions): PondTrust => {
  const { directory, address, kinds, configurations } = options;
  const { userState } = ports;
  const trustsAll = options.trust === 'all' || isTrustedByVariable(ports, directory, address);

  const judgeConfiguration = (configuration: PondConfiguration, txnSeq: number): Verdict => {
    if (!isCodeBearingConfiguration(configuration)) return NOTHING_TO_APPROVE;
    const digest = digestOf(configuration);
    const refusal = refusalOf(digest, configuration, txnSeq);
    if (refusal === null) return { _tag: 'Trusted', isApproved: true, digest };
    return trustsAll
      ? { _tag: 'Trusted', isApproved: false, digest }
      : {
          _tag: 'NotTrusted',
          mightRun: mightRun(configuration),
          mightRefuse: mightRefuse(configuration),
          refusal,
        };
  };

  const refusalOf = (digest: string, configuration: PondConfiguration, txnSeq: number): NotTrusted | null => {
    const refuse = (what: 'configuration' | 'files', problem: string | null): NotTrusted => ({
      _tag: 'NotTrusted',
      directory: address,
      what,
      of: txnSeq,
      wouldRun: wouldRunOf(configuration, kinds()),
      problem,
    });
    const approved = isApproved(userState, digest);
    if (isLeft(approved)) return refuse('configuration', problemOf(approved.left));
    if (!approved.right) return refuse('configuration', null);
    const files = judgeFiles();
    return files.isApproved ? null : refuse('files', files.problem);
  };

  /** The files beside `data` and `control`, which whatever runs may use. */
  const judgeFiles = (): { readonly isApproved: boolean; readonly problem: string | null } => {
    const files = pondFiles(ports.hostFiles, directory);
    if (isLeft(files)) return { isApproved: false, problem: files.left };
    if (files.right.digest === null) return { isApproved: true, problem: null };
    const approved = isApproved(userState, files.right.digest);
    if (isLeft(approved)) return { isApproved: false, problem: problemOf(approved.left) };
    const { paths } = files.right;
    const isRepository = paths.some((path) => path === '.git' || path.startsWith('.git/'));
    return { isApproved: approved.right, problem: isRepository ? OF_A_REPOSITORY : null };
  };

  const refusalOfNode = (
    path: string,
    node: ConfiguredNode,
    what: 'node' | 'files',
    problem: string | null,
  ): NotTrusted => ({
    _tag: 'NotTrusted',
    directory: address,
    what,
    of: path,
    wouldRun: [wouldRun(path, node, kinds())],
    problem,
  });

  const refuseNode = (path: string, node: ConfiguredNode): NotTrusted | null => {
    if (trustsAll) return null;
    const approved = isApproved(userState, nodeDigest(node));
    if (isRight(approved) && approved.right) return null;
    return refusalOfNode(path, node, 'node', isLeft(approved) ? problemOf(approved.left) : null);
  };

  const refuseToRun = (path: string, node: ConfiguredNode): NotTrusted | null => {
    const refusal = refuseNode(path, node);
    if (refusal !== null || trustsAll) return refusal;
    const files = judgeFiles();
    return files.isApproved ? null : refusalOfNode(path, node, 'files', files.problem);
  };

  const keep = (digest: string, of: Approval['of']): Either<NoUserState, void> => {
    const { command } = options;
    return approve(userState, {
      digest,
      of,
      approved_at: ports.clock.nowMicros(),
      by: command,
      directory: address,
    });
  };

  return {
    get kinds() {
      return kinds();
    },
    judge: (view) =>
      steps(async (s) => {
        const configuration = await s.run(configurations.of(view));
        const verdict = judgeConfiguration(configuration, view.txnSeq);
        return configuration.places === null ? verdict : { ...verdict, places: configuration.places };
      }),
    refuseToRead: (path, node) => (runsWhenRead(node, kinds()) ? refuseNode(path, node) : null),
    refuseToRun,
    approveCommit: (persistence, base) =>
      steps(async (s) => {
        const { places } = base;
        const written = persistence.written();
        const changed =
          places === undefined || written.some((row) => isOfConfiguration(row, places))
            ? await s.run(configurations.of(persistence))
            : null;
        const { txnSeq } = persistence;
        /** Most commits leave the configuration as it was, and with it what was found out about it. */
        const judged = (): Verdict => (changed === null ? base : judgeConfiguration(changed, txnSeq));
        if (base._tag === 'NotTrusted' || !base.isApproved) return judged();
        const digests: [string, Approval['of']][] = [];
        if (changed !== null && isCodeBearingConfiguration(changed)) {
          const digest = digestOf(changed);
          if (digest !== base.digest) digests.push([digest, 'configuration']);
        }
        for (const row of written) {
          if (!mayBeNode(row)) continue;
          const node = nodeOf(row, persistence.bytesOf(row) ?? (await contentOf(persistence, row)));
          if (node !== null && isCodeBearing(node, kinds())) digests.push([nodeDigest(node), 'node']);
        }
        if (digests.length > 0 && !isPlaceOfOthers(ports, directory)) {
          for (const [digest, of] of digests) {
            const kept = keep(digest, of);
            if (isRight(kept)) continue;
            ports.logger.log('warn', 'approval_not_kept', {
              problem: problemOf(kept.left),
              remedy: 'set POND_STATE_DIR to a directory of your own, or give --trust',
            });
            break;
          }
        }
        return judged();
      }),
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

/** A configuration that is remembered has one digest. */
const digests = new WeakMap<PondConfiguration, string>();

const digestOf = (configuration: PondConfiguration): string => {
  const digest = digests.get(configuration) ?? configurationDigest(configuration);
  digests.set(configuration, digest);
  return digest;
};

const NOTHING_TO_APPROVE: Verdict = { _tag: 'Trusted', isApproved: true, digest: null };

/** Such a pond would be asked about for ever without a word about why. */
const OF_A_REPOSITORY =
  'the files of git in .git are among them, which change with every use of git: keep the pond in a directory of the repository';

const problemOf = ({ path, problem }: NoUserState): string =>
  `approvals cannot be kept${path === null ? '' : ` in ${path}`}: ${problem}`;

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

/** Tells whether others may have put something into a pond's directory: then only `pond trust` approves it. */
export const isPlaceOfOthers = (
  { hostFiles, host }: Pick<StewardPorts, 'hostFiles' | 'host'>,
  directory: string,
): boolean =>
  [directory, `${directory}/data`, `${directory}/control`].some((path) => {
    const found = entryAt(hostFiles, path);
    return isLeft(found) || isOfOthers(found.right, host.user);
  });

const entryAt = (files: StewardPorts['hostFiles'], path: string) => {
  const real = files.realPath(path)();
  return isLeft(real) ? left(real.left) : files.lstat(real.right)();
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
