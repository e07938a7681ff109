import type { ConditionWords } from '../domain/condition.js';
import { childOf } from '../domain/paths/pond-path.js';
import type { EntryError, PlanWarning, RejectedEntry, SkipReason } from '../domain/plan.js';
import { SCHEDULE_NAME, SYSTEM_DIRECTORY } from '../planner/entries/discovered-entry.js';

/** Why an entry is not run, in words. */
export const describeSkip = (reason: SkipReason): string => {
  switch (reason._tag) {
    case 'NotAFactory':
      return reason.entry_type === 'file'
        ? 'a plain file without a top-level "factory:"'
        : `a ${reason.entry_type}, not a factory's configuration`;
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
    case 'Suppressed':
      return reason.by === 'no-post-commit'
        ? 'post-commit work was suppressed by --no-post-commit'
        : 'post-commit work was suppressed: the write was made by a task of this pond';
  }
};

/** `no changed path matches /in/** or /out/**`, with whatever else the condition asks for. */
const describeUnmet = ({ path_pattern, exclude, on }: ConditionWords): string => {
  const kinds = on.length === 0 ? 'changed' : on.join(' or ');
  const matches = path_pattern.length === 0 ? '' : ` matches ${path_pattern.join(' or ')}`;
  const except = exclude.length === 0 ? '' : ` without matching ${exclude.join(' or ')}`;
  return matches + except === '' ? `nothing was ${kinds}` : `no ${kinds} path${matches}${except}`;
};

/** What is odd about a plan, in words. */
export const describeWarning = (warning: PlanWarning): string => {
  const key = `/etc/system.d/config.yaml: parallel_groups[${warning.group}]`;
  switch (warning._tag) {
    case 'UnknownGroupMember':
      return `${key}: there is no entry "${warning.name}"`;
    case 'AmbiguousGroupMember':
      return `${key}: "${warning.name}" could be ${warning.candidates.join(' or ')}; write its extension`;
  }
};

/** What is wrong with an entry, in words; one line per error. */
export const describeRejection = (entry: Pick<RejectedEntry, 'path' | 'errors'>): string =>
  entry.errors.map((error) => describeEntryError(entry.path, error)).join('\n');

/** One thing that is wrong with the entry at `path`. */
export const describeEntryError = (path: string, error: EntryError): string => {
  switch (error._tag) {
    case 'UnknownFactory':
      return `${path}: unknown factory "${error.factory}" (see: pond factories)`;
    case 'FactoryMismatch':
      return `${path}: factory: the node is a "${error.node}", its configuration says "${error.envelope}"`;
    case 'InvalidYaml': {
      const { file, problem } = yamlProblemOf(path, error.problem);
      return `${file}: not valid YAML: ${problem}`;
    }
    case 'InvalidKeys':
      return error.errors
        .map(({ key, message }) =>
          key === '' ? `${error.path}: ${message}` : `${error.path}: ${key}: ${message}`,
        )
        .join('\n');
    case 'Unreadable':
      return `${path}: cannot be read: ${error.problem}`;
    case 'UnknownDependency':
      return `${path}: depends_on: there is no entry "${error.name}"`;
    case 'AmbiguousDependency':
      return `${path}: depends_on: "${error.name}" could be ${error.candidates.join(' or ')}; write its extension`;
    case 'CyclicDependency':
      return `${path}: depends_on: it waits for itself: ${error.cycle.join(' -> ')}`;
    case 'GroupContradiction':
      return `${path}: depends_on wants ${error.dependency} before ${error.dependent}, parallel_groups wants it after`;
    case 'InSeveralGroups':
      return `${path}: several of parallel_groups name it: ${error.groups.map((group) => `[${group}]`).join(', ')}`;
    case 'DiscoveryFailed':
      return `${path}: the configured factories could not be read: ${error.problem}`;
  }
};

/** Of which file a problem is that stands in the plan as an entry's: that of `config.yaml` is every entry's, and says so. */
export const yamlProblemOf = (
  path: string,
  problem: string,
): { readonly file: string; readonly problem: string } =>
  problem.startsWith(OF_SCHEDULE)
    ? { file: childOf(SYSTEM_DIRECTORY, SCHEDULE_NAME), problem: problem.slice(OF_SCHEDULE.length) }
    : { file: path, problem };

const OF_SCHEDULE = `${SCHEDULE_NAME}: `;
