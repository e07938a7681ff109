import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import { steps } from '../../effects/steps.js';
import { checkPondFile } from '../../factories/built-in/validate/check-pond-file.js';
import { type CheckProblem, describeCheckProblem } from '../../factories/built-in/validate/check-problem.js';
import { describeError } from '../../steward/describe-error.js';
import type { ReadTransaction } from '../../steward/transactions.js';
import { NO_RULES, type Rules } from '../../validation/rules.js';
import { suggestedEntry } from '../../validation/rules-text.js';
import { suggestRules } from '../../validation/suggest.js';
import type { FileVerdict } from '../../validation/verdict.js';
import type { Invocation } from '../command.js';
import { type CliError, usage } from '../errors.js';

/** Checks files of one snapshot by hand. */
export const checking = (
  { program, terminal }: Invocation,
  { fs, withWorkspace }: Pick<ReadTransaction, 'fs' | 'withWorkspace'>,
) => {
  const deps = { engine: program.queryEngine, withWorkspace, describe: describeError };
  const pond = { fs, signal: terminal.interrupt };
  const file = (rules: Rules, path: PondPath): TE.TaskEither<CliError, { readonly verdict: FileVerdict }> =>
    pipe(checkPondFile(deps, pond, rules, { path, since: undefined, isOwn: false }), TE.mapLeft(asCliError));
  return {
    /** The files that operands name; one that names none is an error. */
    paths: (patterns: readonly string[]): TE.TaskEither<CliError, readonly PondPath[]> =>
      steps(async (s) => {
        const found: PondPath[] = [];
        for (const pattern of patterns) {
          const { entries } = await s.run(fs.collectMatches(pattern));
          const files = entries.filter(({ entryType }) => !entryType.startsWith('directory'));
          if (files.length === 0) return s.fail({ _tag: 'NoMatch', pattern });
          found.push(...files.map(({ path }) => path));
        }
        return [...new Set(found)];
      }),
    file,
    /** The text of an entry with the rules that a file keeps. */
    suggest: (path: PondPath): TE.TaskEither<CliError, string> =>
      steps(async (s) => {
        const asked: Rules = { ...NO_RULES, checks: [GUESSING] };
        const checked = await checkPondFile(
          deps,
          pond,
          asked,
          { path, since: undefined, isOwn: false },
          (found) =>
            pipe(
              suggestRules(found),
              TE.map((rules) => suggestedEntry(path, found.verdict.rows ?? 0, rules)),
            ),
        )();
        if (isLeft(checked)) return s.fail(asCliError(checked.left));
        const { verdict, after } = checked.right;
        return after ?? s.fail(usage(`${path}: ${verdict.outcomes[0]?.message ?? 'nothing was found'}`));
      }),
  };
};

/** A check with a query is what makes the engine look at what the first rows hold. */
const GUESSING: Rules['checks'][number] = {
  name: 'guessing',
  severity: 'warning',
  unit: 'rows',
  limits: [],
  measure: { kind: 'sql', sql: 'SELECT 0' },
};

export const asCliError = (problem: CheckProblem): CliError => {
  switch (problem._tag) {
    case 'InvalidContract':
      return { _tag: 'InvalidConfig', path: problem.path, errors: [{ key: '', message: problem.problem }] };
    case 'NotATable':
    case 'NothingToCheck':
      return usage(describeCheckProblem(problem, describeError));
    default:
      return problem;
  }
};
