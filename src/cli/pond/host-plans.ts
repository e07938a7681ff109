import { resolve } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { isStoreAddress } from '../../domain/pond-address.js';
import type { HostPlans } from '../../host-plans/host-plans.js';
import type { HostPlan } from '../../host-plans/plan/host-plan.js';
import { LARGEST_PLAN_FILE, parseHostPlanFile } from '../../host-plans/plan/host-plan-file.js';
import { planHostOperations } from '../../host-plans/plan/plan-host-operations.js';
import type { Invocation } from '../command.js';
import type { CliError } from '../errors.js';
import { locatePlanErrors } from '../words/describe-host-plan.js';
import { hostFileFailed } from './host-content.js';

/** Host plans of the pond that is named, if one is; none need be. */
export const hostPlansOf = ({ terminal, options, program }: Invocation): HostPlans => {
  const named = options.pond ?? terminal.environment.POND ?? '';
  // A pond in a store has no directory of its own: then they are this user's.
  return program.hostPlans(
    named === '' || isStoreAddress(named) ? null : resolve(terminal.workingDirectory, named),
  );
};

/** Reads a plan file and makes the plan. A file that is too large is not read. */
export const readHostPlan = (
  { terminal, program: { files } }: Invocation,
  name: string,
): TE.TaskEither<CliError, HostPlan> => {
  const path = resolve(terminal.workingDirectory, name);
  const invalid = (errors: Extract<CliError, { _tag: 'InvalidHostPlan' }>['errors']): CliError => ({
    _tag: 'InvalidHostPlan',
    path: name,
    errors,
  });
  return pipe(
    TE.fromIOEither(files.realPath(path)),
    TE.flatMapIOEither((real) => files.readRange(real, 0, LARGEST_PLAN_FILE + 1)),
    TE.mapLeft(hostFileFailed),
    TE.flatMapEither((bytes) => {
      const file = parseHostPlanFile(bytes, name);
      return isLeft(file) ? file : planOf(file.right);
    }),
    TE.mapLeft((error) => ('_tag' in error ? error : invalid(error))),
  );
};

const planOf = (file: Parameters<typeof locatePlanErrors>[0]) => {
  const plan = planHostOperations(file.operations);
  return isLeft(plan) ? { ...plan, left: locatePlanErrors(file, plan.left) } : plan;
};
