import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../../effects/steps.js';
import type { PondReader } from '../../../tinyfs/tinyfs.js';
import { type ContractProblem, readContract } from '../../../validation/reading/contract.js';
import type { ValidateConfig } from '../../../validation/reading/rules-codec.js';
import type { Rules } from '../../../validation/rules.js';
import type { CheckProblem } from './check-problem.js';

/** The rules of a contract in the pond. */
export const contractIn = (
  fs: Pick<PondReader, 'readBytes'>,
  { file, schema }: NonNullable<ValidateConfig['contract']>,
  strict: boolean,
): TaskEither<CheckProblem, Rules> =>
  steps(async (s) => {
    const rules = readContract(await s.run(fs.readBytes(file)), schema);
    if (isLeft(rules))
      return s.fail({ _tag: 'InvalidContract', path: file, problem: contractProblemInWords(rules.left) });
    return { ...rules.right, strict };
  });

export const contractProblemInWords = (problem: ContractProblem): string =>
  'problem' in problem
    ? problem.problem
    : problem.errors.map(({ key, message }) => `${key}: ${message}`).join('; ');
