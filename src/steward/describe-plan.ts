import { SCHEDULE_PATH } from '../domain/paths/configuration-paths.js';
import { MOST_DERIVED } from '../domain/plans/chain.js';
import type { ConditionWords } from '../domain/plans/condition.js';
import type { EntryError, PlanWarning, RejectedEntry, SkipReason } from '../domain/plans/plan.js';
import type { Suppression } from '../domain/plans/suppression.js';
import { placeHint } from '../planner/entries/place-hint.js';

/** Returns in words why an entry is not run. */
export const describeSkip = (reason: SkipReason): string => {
  switch (reason._tag) {
    case 'NotAFactory':
      return reason.entry_type === 'file'
        ? 'a plain file without a top-level "factory:"'
        : `a ${reason.entry_type}, not a factory's configuration`;
    case 'LeftOver':
      return 'hidden, or left by an editor: not an entry';
    case 'Disabled':
      return 'disabled (enabled: false)';
    case 'PullMode':
      return `factory "${reason.factory}" is in pull mode (factory_modes.${reason.factory} in /etc/pond.yaml)`;
    case 'NotPostCommit':
      return reason.modes.length === 0
        ? `factory "${reason.factory}" is not executable`
        : `factory "${reason.factory}" does not run after commits (it runs as ${reason.modes.join(', ')})`;
    case 'ConditionNotMet':
      return describeUnmet(reason.condition);
    case 'OnlyConfigurationChanged':
      return 'the commit changed nothing outside /etc';
    case 'OnlyFirings':
      return 'it waits for schedules only, and runs for their firings';
    case 'NotOfFiring':
      return 'it neither names the schedule nor waits for all';
    case 'NotDerived':
      return 'the commit was made inside a task, and the entry does not say "derived: true"';
    case 'InChain':
      return 'the commit was made inside a task of this very entry: it runs once in a chain';
    case 'ChangedInChain':
      return 'a commit inside the same task has added, moved or changed the entry';
    case 'ChainTooDeep':
      return `the commit was made inside ${reason.depth} tasks, as many as a chain may have`;
    case 'Suppressed':
      return `post-commit work was suppressed${SUPPRESSED_BY[reason.by]}`;
  }
};

const SUPPRESSED_BY: Readonly<Record<Suppression, string>> = {
  'no-post-commit': ' by --no-post-commit',
  'inside-task': ': the write was made by a task of this pond',
  'too-many-derived': `: ${MOST_DERIVED} commits, as many as may be, were made inside tasks of the same commit`,
  'not-trusted': ': not trusted by the user who made the write',
};

/** `no changed path matches /in/** or /out/**`, with whatever else the condition asks for. */
const describeUnmet = ({ path_pattern, exclude, on }: ConditionWords): string => {
  const kinds = on.length === 0 ? 'changed' : on.join(' or ');
  const matches = path_pattern.length === 0 ? '' : ` matches ${path_pattern.join(' or ')}`;
  const except = exclude.length === 0 ? '' : ` without matching ${exclude.join(' or ')}`;
  return matches + except === '' ? `nothing was ${kinds}` : `no ${kinds} path${matches}${except}`;
};

/** Returns in words what is odd about a plan. */
export const describeWarning = (warning: PlanWarning): string => {
  const key = `${SCHEDULE_PATH}: parallel_groups[${warning.group}]`;
  switch (warning._tag) {
    case 'UnknownGroupMember':
      return `${key}: there is no entry "${warning.name}"`;
    case 'AmbiguousGroupMember':
      return `${key}: "${warning.name}" could be ${warning.candidates.join(' or ')}; write its extension`;
  }
};

/** Returns what is wrong with an entry, in words for where its path stands beside them; one line per error. */
export const describeRejection = ({
  path,
  errors,
}: Pick<RejectedEntry, 'errors'> & { readonly path: string }): string =>
  errors
    .flatMap((error) => entryProblems(path, error))
    .map((problem) => (problem.file === path ? problem.problem : printProblem(problem, null)))
    .join('\n');

/** Hint that plans do not carry: what they say of an entry is covered by their checksums. */
const hintFor = (path: string, key: string): string => {
  const hint = placeHint(path, key);
  return hint === null ? '' : `; ${hint}`;
};

/** One thing that is wrong with a configuration. */
export interface EntryProblem {
  readonly file: string;
  /** The way to the value, `config.run[0]`; null where it is not about one key. */
  readonly key: string | null;
  /** Words, which name neither the file nor, where they begin with one, its line. */
  readonly problem: string;
}

/** A problem as one line; `line` is that of the file, where it is known. */
export const printProblem = ({ file, problem }: EntryProblem, line: number | null): string =>
  `${line === null ? file : `${file}:${line}`}: ${problem}`;

/** Returns what is wrong with the entry at `path`, in words; one line per error. */
export const describeEntryError = (path: string, error: EntryError): string =>
  entryProblems(path, error)
    .map((problem) => printProblem(problem, null))
    .join('\n');

/** Returns what is wrong with the entry at `path`, one problem for each key. */
export const entryProblems = (path: string, error: EntryError): readonly EntryProblem[] => {
  switch (error._tag) {
    case 'UnknownFactory':
      return [{ file: path, key: null, problem: `unknown factory "${error.factory}" (see: pond factories)` }];
    case 'FactoryMismatch':
      return [
        {
          file: path,
          key: 'factory',
          problem: `factory: the node is a "${error.node}", its configuration says "${error.envelope}"`,
        },
      ];
    case 'InvalidYaml':
      return [{ file: path, key: null, problem: `not valid YAML: ${error.problem}` }];
    case 'InvalidSchedule':
      return [{ file: SCHEDULE_PATH, key: null, problem: `not valid YAML: ${error.problem}` }];
    case 'InvalidKeys':
      return error.errors.map(({ key, message }) => ({
        file: error.path,
        key,
        problem: (key === '' ? message : `${key}: ${message}`) + hintFor(error.path, key),
      }));
    case 'Unreadable':
      return [{ file: path, key: null, problem: `cannot be read: ${error.problem}` }];
    case 'UnknownDependency':
      return [{ file: path, key: 'depends_on', problem: `depends_on: there is no entry "${error.name}"` }];
    case 'AmbiguousDependency':
      return [
        {
          file: path,
          key: 'depends_on',
          problem: `depends_on: "${error.name}" could be ${error.candidates.join(' or ')}; write its extension`,
        },
      ];
    case 'CyclicDependency':
      return [
        {
          file: path,
          key: 'depends_on',
          problem: `depends_on: it waits for itself: ${error.cycle.join(' -> ')}`,
        },
      ];
    case 'GroupContradiction':
      return [
        {
          file: path,
          key: 'depends_on',
          problem: `depends_on wants ${error.dependency} before ${error.dependent}, parallel_groups wants it after`,
        },
      ];
    case 'InSeveralGroups':
      return [
        {
          file: path,
          key: null,
          problem: `several of parallel_groups name it: ${error.groups.map((group) => `[${group}]`).join(', ')}`,
        },
      ];
    case 'NotToBeScheduled':
      return [
        {
          file: path,
          key: 'factory',
          problem: `factory: "${error.factory}" cannot be executed, so that it cannot be scheduled`,
        },
      ];
    case 'NotAGate':
      return [
        {
          file: path,
          key: 'factory',
          problem: `factory: "${error.factory}" runs ${error.modes.length === 0 ? 'neither before nor after a commit' : 'after commits only'}, so that it cannot be a gate`,
        },
      ];
    case 'DiscoveryFailed':
      return [
        { file: path, key: null, problem: `the configured factories could not be read: ${error.problem}` },
      ];
  }
};
