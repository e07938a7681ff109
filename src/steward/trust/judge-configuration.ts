import { isLeft } from 'fp-ts/lib/Either.js';
import type { NotTrusted } from '../../domain/not-trusted.js';
import type { NoUserState } from '../../ports/user-state.js';
import { isApproved } from '../../trust/approvals.js';
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
import type { StewardPorts } from '../steward-ports.js';

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

/** A pond about which is judged, and what this process was told of it. */
export interface Judged {
  readonly ports: Pick<StewardPorts, 'hostFiles' | 'userState' | 'host' | 'clock' | 'logger'>;
  readonly directory: string;
  /** Name by which people know the pond: its directory, or its address in a store. */
  readonly address: string;
  /** The factories that come with the product. */
  readonly kinds: () => FactoryKinds;
  /** Tells whether this process runs whatever the pond says. */
  readonly trustsAll: boolean;
}

/** Judges the configuration of the state after a transaction, and the files that it may use. */
export const judgeConfiguration = (
  judged: Judged,
  configuration: PondConfiguration,
  txnSeq: number,
): Verdict => {
  if (!isCodeBearingConfiguration(configuration)) return NOTHING_TO_APPROVE;
  const digest = digestOf(configuration);
  const refusal = refusalOf(judged, digest, configuration, txnSeq);
  if (refusal === null) return { _tag: 'Trusted', isApproved: true, digest };
  return judged.trustsAll
    ? { _tag: 'Trusted', isApproved: false, digest }
    : {
        _tag: 'NotTrusted',
        mightRun: mightRun(configuration),
        mightRefuse: mightRefuse(configuration),
        refusal,
      };
};

const NOTHING_TO_APPROVE: Verdict = { _tag: 'Trusted', isApproved: true, digest: null };

const refusalOf = (
  judged: Judged,
  digest: string,
  configuration: PondConfiguration,
  txnSeq: number,
): NotTrusted | null => {
  const refuse = (what: 'configuration' | 'files', problem: string | null): NotTrusted => ({
    _tag: 'NotTrusted',
    directory: judged.address,
    what,
    of: txnSeq,
    wouldRun: wouldRunOf(configuration, judged.kinds()),
    problem,
  });
  const approved = isApproved(judged.ports.userState, digest);
  if (isLeft(approved)) return refuse('configuration', problemOf(approved.left));
  if (!approved.right) return refuse('configuration', null);
  const files = judgeFiles(judged);
  return files.isApproved ? null : refuse('files', files.problem);
};

/** Judges the files beside `data` and `control`, which whatever runs may use. */
export const judgeFiles = ({
  ports: { hostFiles, userState },
  directory,
}: Judged): { readonly isApproved: boolean; readonly problem: string | null } => {
  const files = pondFiles(hostFiles, directory);
  if (isLeft(files)) return { isApproved: false, problem: files.left };
  if (files.right.digest === null) return { isApproved: true, problem: null };
  const approved = isApproved(userState, files.right.digest);
  if (isLeft(approved)) return { isApproved: false, problem: problemOf(approved.left) };
  const { paths } = files.right;
  const isRepository = paths.some((path) => path === '.git' || path.startsWith('.git/'));
  return { isApproved: approved.right, problem: isRepository ? OF_A_REPOSITORY : null };
};

/** Such a pond would be asked about for ever without a word about why. */
const OF_A_REPOSITORY =
  'the files of git in .git are among them, which change with every use of git: keep the pond in a directory of the repository';

/** Words for approvals that cannot be kept or looked up. */
export const problemOf = ({ path, problem }: NoUserState): string =>
  `approvals cannot be kept${path === null ? '' : ` in ${path}`}: ${problem}`;

const digests = new WeakMap<PondConfiguration, string>();

/** The digest of a configuration: one that is remembered has one. */
export const digestOf = (configuration: PondConfiguration): string => {
  const digest = digests.get(configuration) ?? configurationDigest(configuration);
  digests.set(configuration, digest);
  return digest;
};
