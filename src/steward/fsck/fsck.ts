import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type ControlCheck, checkControl } from '../../control/check/check-control.js';
import type { ControlFinding } from '../../control/check/control-finding.js';
import { checkTable, type TableCheck } from '../../tlogfs/check/check-table.js';
import { POND_FORMAT } from '../../tlogfs/log/pond-format.js';
import type { PondError } from '../errors.js';
import { isFileAt, type OpeningOptions } from '../pond/opening/open-pond.js';
import { layout } from '../pond/pond.js';
import { type Finding, severityOf } from '../shapes/finding.js';
import type { FsckOptions, FsckReport } from '../shapes/report.js';
import type { StewardPorts } from '../steward-ports.js';
import { checkControlKinds } from './check-control-kinds.js';
import { checkExportContents } from './check-export-contents.js';
import { checkHostPlans } from './check-host-plans.js';
import { checkServedControl, type ServedControl } from './check-served-control.js';
import { checkSteward } from './check-steward.js';
import { historyToPull } from './history-to-pull.js';
import { judgeStrays, strayFindings } from './judge-strays.js';
import { recomputePlans } from './recompute-plans.js';
import { tasksOfStoredPlans } from './tasks-of-stored-plans.js';

/** Options by which a pond is checked here. */
export interface CheckingOptions extends FsckOptions, Pick<OpeningOptions, 'factoryModules' | 'shared'> {
  /** Commits that a control table in a database knows; null: it is in the directory. Default null. */
  readonly served?: ServedControl | null;
  /** It is a copy of a table in a store, whose next version may be that of a writer who is suspended. Default false. */
  readonly isInStore?: boolean;
}

/**
 * Checks a pond: its table, its control table, and what the one says of the other. Writes nothing, takes no lock,
 * and reports instead of failing: a pond that cannot be opened is checked as far as it can be read. `NotAPond` where
 * there is none.
 *
 * The control table is read before the log: what it knows must be in the log by then. Whoever is at work meanwhile
 * causes no finding, because what could be theirs is looked at again once it is known who lives.
 */
export const fsck = (
  ports: StewardPorts,
  directory: string,
  options: CheckingOptions,
): TE.TaskEither<PondError, FsckReport> =>
  pipe(
    TE.fromTask(() => checkAll(ports, directory, options)),
    TE.flatMap(
      (report): TE.TaskEither<PondError, FsckReport> =>
        '_tag' in report ? TE.left(report) : TE.right(report),
    ),
  );

/** The report, or that there is nothing to check. */
const checkAll = async (
  ports: StewardPorts,
  directory: string,
  options: Parameters<typeof fsck>[2],
): Promise<FsckReport | Extract<PondError, { _tag: 'PondTooNew' | 'NotAPond' }>> => {
  if (isFileAt(ports, directory)) return { _tag: 'NotAPond', path: directory, found: 'file' };
  const { data, control: controlDir } = layout(directory);
  const named = (path: string) =>
    path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : path;
  const quick = options.quick === true;
  let bytes = 0;
  const onBytes = (count: number) => {
    bytes += count;
    options.onProgress?.(count);
  };

  const path = `${controlDir}/control.db`;
  const { served = null } = options;
  const read =
    served === null
      ? checkControl(ports, path, { file: named(path), quick })
      : { findings: [], check: null, tooNew: null };
  const table = await checkTable(ports.files, data, { quick, onBytes, named });
  if (table.version < 0 && table.findings.length === 0) return { _tag: 'NotAPond', path: directory };
  if (read.tooNew !== null) return { ...read.tooNew, path: named(read.tooNew.path) };
  if (table.unknownFormat !== null) {
    return { _tag: 'PondTooNew', path: directory, format: table.unknownFormat, known: POND_FORMAT };
  }
  const control = ofThisPond(read, table, named(path));
  const lastRecorded = Math.max(
    0,
    ...(control.check?.commits ?? []).filter(({ isGone }) => !isGone).map(({ txnSeq }) => txnSeq),
  );
  const mayBeWriting = served !== null && (await served.isWriting());
  const strays = mayBeWriting
    ? { strays: [], unjudged: table.strays?.length ?? 0 }
    : await judgeStrays(ports, directory, table, { lastRecorded, isInStore: options.isInStore ?? false });
  const steward =
    control.check === null
      ? []
      : checkSteward(ports, directory, table, control.check, {
          tasksOf: tasksOfStoredPlans(control.check.soundPlans),
          named,
        });
  const hostPlans = checkHostPlans(ports.hostPlans(directory), named);
  const plans = options.plans === true ? await recomputePlans(ports, directory, options) : null;
  const findings = withoutRepetition([
    ...historyToPull(ports, directory, table),
    ...strayFindings(strays),
    ...control.findings,
    ...steward,
    ...(served === null ? [] : await checkServedControl(served, table)),
    ...hostPlans.findings,
    ...checkControlKinds(ports.files, controlDir, named),
    ...checkExportContents(ports, controlDir, named),
    ...(plans?.findings ?? []),
  ]);
  return {
    ok: findings.every((finding) => severityOf(finding) === 'note'),
    contentRoot: table.contentRoot,
    findings,
    checked: {
      ...table.checked,
      ...control.check?.checked,
      ...(served === null ? {} : { ...served.beside.checked, transactions: served.before.length }),
      bytes,
      host_plans: hostPlans.count,
      unjudged_files: strays.unjudged,
    },
    plans: plans?.check ?? null,
  };
};

/** Findings without those that follow: of what is not a file of the pond's, that is all there is to say; what it stood for is told beside it. */
const withoutRepetition = (findings: readonly Finding[]): readonly Finding[] => {
  const unsafe = new Set(
    findings.flatMap((finding) => (finding._tag === 'UnsafeFile' ? [finding.file] : [])),
  );
  return findings.filter(
    (finding) =>
      finding._tag === 'UnsafeFile' ||
      !('file' in finding) ||
      'nodeId' in finding ||
      !unsafe.has(finding.file),
  );
};

interface ReadControl {
  readonly findings: readonly ControlFinding[];
  readonly check: ControlCheck | null;
}

/** Another pond's control table says nothing of this one. */
const ofThisPond = ({ findings, check }: ReadControl, { pondId }: TableCheck, file: string): ReadControl => {
  if (check === null) return { findings, check };
  return pondId === null || check.pondId === pondId
    ? { findings: [...findings, ...check.findings], check }
    : {
        findings: [{ _tag: 'ControlUnusable', file, problem: `it belongs to the pond ${check.pondId}` }],
        check: null,
      };
};
