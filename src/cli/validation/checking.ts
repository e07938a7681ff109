import { basename } from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import { steps } from '../../effects/steps.js';
import { checkPondFile } from '../../factories/built-in/validate/check-pond-file.js';
import { type CheckProblem, describeCheckProblem } from '../../factories/built-in/validate/check-problem.js';
import type { ReadTransaction } from '../../steward/shapes/transactions.js';
import type { CheckedFile } from '../../validation/checking/check-file.js';
import { suggestRules } from '../../validation/checking/suggest.js';
import type { FileVerdict } from '../../validation/checking/verdict.js';
import { NO_RULES, type Rules } from '../../validation/rules.js';
import { suggestedEntry } from '../../validation/rules-text.js';
import type { Invocation } from '../command.js';
import { type CliError, usage } from '../errors.js';
import { checkHostFile, hostPathIn } from './check-host-file.js';

/** Checks files of one snapshot, and of the host, by hand. */
export const checking = (
  invocation: Invocation,
  transaction: Pick<ReadTransaction, 'fs' | 'withWorkspace'>,
) => {
  const { program, terminal } = invocation;
  const { fs, withWorkspace } = transaction;
  const deps = { engine: program.queryEngine, withWorkspace };
  const pond = { fs, signal: terminal.interrupt };
  const check = <A>(
    rules: Rules,
    path: string,
    then: (checked: CheckedFile) => TE.TaskEither<CheckProblem, A | null> = () => TE.right(null),
  ) => {
    const host = hostPathIn(invocation, path);
    return pipe(
      host === null
        ? checkPondFile(deps, pond, rules, { path: path as PondPath, since: undefined, isOwn: false }, then)
        : checkHostFile(invocation, transaction, rules, host, then),
      TE.mapLeft(asCliError),
    );
  };
  return {
    /** The files that operands name; one that names none is an error. */
    paths: (patterns: readonly string[]): TE.TaskEither<CliError, readonly string[]> =>
      steps(async (s) => {
        const found: string[] = [];
        for (const pattern of patterns) {
          if (hostPathIn(invocation, pattern) !== null) {
            found.push(pattern);
            continue;
          }
          const { entries } = await s.run(fs.collectMatches(pattern));
          const files = entries.filter(({ entryType }) => !entryType.startsWith('directory'));
          if (files.length === 0) return s.fail({ _tag: 'NoMatch', pattern });
          found.push(...files.map(({ path }) => path));
        }
        return [...new Set(found)];
      }),
    file: (rules: Rules, path: string): TE.TaskEither<CliError, { readonly verdict: FileVerdict }> =>
      check(rules, path),
    /** The text of an entry with the rules that a file keeps. */
    suggest: (path: string): TE.TaskEither<CliError, string> =>
      steps(async (s) => {
        const asked: Rules = { ...NO_RULES, checks: [GUESSING] };
        // Where a file of the host's will be copied to is not known.
        const pattern = hostPathIn(invocation, path) === null ? path : `/**/${basename(path)}`;
        const { verdict, after } = await s.run(
          check(asked, path, (found) =>
            pipe(
              suggestRules(found),
              TE.map((rules) => suggestedEntry({ path, rows: found.verdict.rows ?? 0, pattern }, rules)),
            ),
          ),
        );
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

export const asCliError = (problem: CheckProblem | CliError): CliError => {
  switch (problem._tag) {
    case 'InvalidContract':
      return { _tag: 'InvalidConfig', path: problem.path, errors: [{ key: '', message: problem.problem }] };
    case 'NotATable':
    case 'NothingToCheck':
      return usage(describeCheckProblem(problem));
    default:
      return problem;
  }
};
