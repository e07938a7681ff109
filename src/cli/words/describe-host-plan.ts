import type { HostPathProblem } from '../../host-plans/operations/host-path.js';
import type { HostPlanError } from '../../host-plans/plan/host-plan.js';
import type { HostPlanFile, HostPlanFileError } from '../../host-plans/plan/host-plan-file.js';

/** Everything that is wrong with a plan file: one line each, with the line and the key that it is about. */
export const describeHostPlanErrors = (path: string, errors: readonly HostPlanFileError[]): string =>
  errors
    .map(({ line, key, message }) =>
      [line === null ? path : `${path}:${line}`, ...(key === '' ? [] : [key]), message].join(': '),
    )
    .join('\n');

/** The planner's errors, found again in the file that the operations come from. */
export const locatePlanErrors = (
  { operations, lineOf }: HostPlanFile,
  errors: readonly HostPlanError[],
): readonly HostPlanFileError[] =>
  errors.map((error) => {
    const { operation, key } = aboutOf(error);
    const place = operations.findLastIndex(({ id }) => id === operation);
    return place === -1
      ? { line: null, key: 'operations', message: describePlanError(error) }
      : {
          line: lineOf(place, key),
          key: `operations[${place}]${key === null ? '' : `.${key}`}`,
          message: describePlanError(error),
        };
  });

const aboutOf = (
  error: HostPlanError,
): { readonly operation: string | null; readonly key: string | null } => {
  switch (error._tag) {
    case 'EmptyPlan':
      return { operation: null, key: null };
    case 'DuplicateId':
      return { operation: error.operation, key: 'id' };
    case 'InvalidHostPath':
    case 'IntoItself':
      return { operation: error.operation, key: error.key };
    case 'PathClaimedTwice':
      return { operation: error.operations[1], key: null };
    case 'CyclicOperations':
      return { operation: error.cycle[0] ?? null, key: null };
  }
};

/** One of the planner's errors as a sentence. */
const describePlanError = (error: HostPlanError): string => {
  switch (error._tag) {
    case 'EmptyPlan':
      return 'the plan has no operations';
    case 'DuplicateId':
      return `operation ${error.operation}: another operation has the same id`;
    case 'InvalidHostPath':
      return `operation ${error.operation}: ${JSON.stringify(error.path)}: ${PATH_PROBLEMS[error.problem]}`;
    case 'PathClaimedTwice':
      return `operations ${error.operations.join(' and ')} both ${error.claim} ${error.path}`;
    case 'IntoItself':
      return `operation ${error.operation}: ${error.to} is ${error.from} itself, or lies in it`;
    case 'CyclicOperations':
      return `operations wait for each other: ${error.cycle.join(' -> ')}`;
  }
};

const PATH_PROBLEMS: Readonly<Record<HostPathProblem, string>> = {
  empty: 'the path is empty',
  'not-absolute': 'the path does not begin with /',
  'parent-traversal': '.. is not allowed in paths',
  'not-normalised': 'the path contains . or // or ends with /',
  'nul-byte': 'the path contains a NUL byte',
  root: 'the root directory is left alone',
  'name-too-long': 'a name in the path has more than 255 bytes',
  'path-too-long': 'the path has more than 4095 bytes',
};
