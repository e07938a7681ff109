import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Validation } from 'io-ts';
import type { JsonObject } from '../../../domain/documents/json.js';
import { steps } from '../../../effects/steps.js';
import {
  faultsInWords,
  type Quarantined,
  validationReport,
  warningsInWords,
} from '../../../validation/checking/report.js';
import { type FileVerdict, isBroken } from '../../../validation/checking/verdict.js';
import { ValidateCodec, type ValidateConfig } from '../../../validation/reading/rules-codec.js';
import type { Rules } from '../../../validation/rules.js';
import type { ExecutableFactory, FactoryContext, FactoryError } from '../../factory.js';
import { describeAbort } from '../abort-reason.js';
import { type CheckDeps, checkPondFile } from './check-pond-file.js';
import { type CheckProblem, describeCheckProblem } from './check-problem.js';
import { contractIn } from './contract-in.js';
import { type FileToCheck, filesToCheck } from './files-to-check.js';
import { type QuarantineDeps, quarantineRows } from './quarantine.js';
import { validateReference } from './validate-reference.js';

export interface ValidateDeps extends CheckDeps, QuarantineDeps {}

/**
 * Checks files against rules, inside a write transaction or after a commit. A broken rule of severity `error` is a
 * failure, so that as a gate nothing is committed; one of severity `warning` is only said.
 */
export const validateFactory = (deps: ValidateDeps): ExecutableFactory<ValidateConfig> => ({
  name: 'validate',
  description: 'Checks files against rules about their columns, rows and numbers.',
  kind: 'executable',
  modes: ['InTransactionWriter', 'PostCommitReader'],
  config: { decode: decodeOnce },
  reference: validateReference,
  execute: (context, config) =>
    steps<FactoryError, void>(async (s) => {
      const failing = failure(context);
      if (config.quarantine !== null && !context.isWriter) return s.fail(failing(NO_QUARANTINE));
      const rules = await s.run(failing.of(rulesOf(context, config)));
      const files = await s.run(failing.of(filesToCheck(context, config)));
      const verdicts: FileVerdict[] = [];
      const quarantined: Quarantined[] = [];
      for (const file of files) {
        const checked = await s.run(failing.of(checkOne(deps, context, config, rules, file)));
        verdicts.push(checked.verdict);
        quarantined.push(...checked.quarantined);
      }
      const report = validationReport(verdicts, quarantined, rules.unchecked);
      context.report(report);
      say(context, verdicts, quarantined, report);
      const faults = faultsInWords(verdicts);
      // The same data and the same rules give the same verdict.
      return faults === '' ? undefined : s.fail({ ...failing(faults), retryable: false });
    }),
});

/** Rules are checked with every commit, and seldom change: what was decoded once is known. */
const decoded = new WeakMap<object, Validation<ValidateConfig>>();

const decodeOnce = (input: unknown): Validation<ValidateConfig> => {
  if (typeof input !== 'object' || input === null) return ValidateCodec.decode(input);
  const known = decoded.get(input) ?? ValidateCodec.decode(input);
  decoded.set(input, known);
  return known;
};

const NO_QUARANTINE =
  'on_failure.quarantine works before a commit only: an entry of /etc/gate.d can move rows, a task after the commit cannot';

const rulesOf = (
  { fs }: FactoryContext,
  { contract, rules }: ValidateConfig,
): TaskEither<CheckProblem, Rules> =>
  contract === null ? async () => ({ _tag: 'Right', right: rules }) : contractIn(fs, contract, rules.strict);

const checkOne = (
  deps: ValidateDeps,
  context: FactoryContext,
  config: ValidateConfig,
  rules: Rules,
  file: FileToCheck,
): TaskEither<
  CheckProblem,
  { readonly verdict: FileVerdict; readonly quarantined: readonly Quarantined[] }
> =>
  steps(async (s) => {
    const from = { fs: context.fs, signal: context.signal };
    const { quarantine } = config;
    if (quarantine === null || !context.isWriter || !file.isOwn) {
      const { verdict } = await s.run(checkPondFile(deps, from, rules, file));
      return { verdict, quarantined: [] };
    }
    const to = { directory: quarantine, txnId: context.txnId, fs: context.fs };
    const move = (part: FileToCheck) =>
      checkPondFile(deps, from, rules, part, (checked) => quarantineRows(deps, to, part, checked));
    const first = await s.run(move(file));
    const moved = first.after === null ? [] : [first.after];
    const broken = first.verdict.outcomes.filter((outcome) => outcome.isAboutRows && isBroken(outcome));
    if (broken.length > 0) {
      // One after another: of rows that repeat a value the first stays, in whichever version that is.
      const isRepeated = broken.some(({ rule }) => rule === 'unique');
      const earlier: number[] = [];
      for (const version of await s.run(ownVersions(context, file))) {
        const { after } = await s.run(
          move({ ...file, version, ...(isRepeated ? { earlier: [...earlier] } : {}) }),
        );
        if (after !== null) moved.push(after);
        earlier.push(version);
      }
    }
    if (moved.length === 0) return { verdict: first.verdict, quarantined: [] };
    // What lands has to hold all rules, those about the whole file included.
    const { verdict } = await s.run(checkPondFile(deps, from, rules, file));
    return verdict.outcomes.some(isBroken)
      ? { verdict: asBefore(first.verdict, verdict), quarantined: [] }
      : { verdict, quarantined: moved };
  });

/** The versions of a series that the transaction has appended; of anything else none. */
const ownVersions = (
  { fs, txnSeq }: FactoryContext,
  { path }: FileToCheck,
): TaskEither<CheckProblem, readonly number[]> =>
  steps(async (s) => {
    if ((await s.run(fs.stat(path))).entryType !== 'series') return [];
    const versions = await s.run(fs.versions(path));
    return versions.filter((version) => version.txnSeq >= txnSeq).map(({ version }) => version);
  });

/** The verdict on a file that is refused after all: what its rows broke before they were taken out, and what it still breaks. */
const asBefore = (first: FileVerdict, then: FileVerdict): FileVerdict => ({
  ...first,
  outcomes: then.outcomes.map(
    (outcome) =>
      first.outcomes.find(({ name, isAboutRows }) => isAboutRows && name === outcome.name) ?? outcome,
  ),
});

const say = (
  { log }: FactoryContext,
  verdicts: readonly FileVerdict[],
  quarantined: readonly Quarantined[],
  report: JsonObject,
): void => {
  for (const warning of warningsInWords(verdicts).slice(0, MOST_SAID))
    log.log('warn', 'validation_warning', { message: warning });
  for (const { path, rows, to } of quarantined.slice(0, MOST_SAID))
    log.log('warn', 'rows_quarantined', { path, rows, to });
  const broken = verdicts.flatMap(({ outcomes }) => outcomes).filter(isBroken).length;
  const { passed = 0, warnings = 0 } = report;
  log.log('info', 'validated', { files: verdicts.length, failed: broken, warnings, passed });
};

const MOST_SAID = 20;

/** Failures in this factory's name, of words or of problems. */
const failure = (context: FactoryContext) => {
  const inWords = (message: string): Extract<FactoryError, { _tag: 'FactoryFailed' }> => ({
    _tag: 'FactoryFailed',
    path: context.path,
    factory: 'validate',
    message: context.signal.aborted ? describeAbort(context.signal) : message,
  });
  const of =
    <A>(work: TaskEither<CheckProblem, A>): TaskEither<FactoryError, A> =>
    async () => {
      const answer = await work();
      return answer._tag === 'Right'
        ? answer
        : { _tag: 'Left', left: inWords(describeCheckProblem(answer.left)) };
    };
  return Object.assign(inWords, { of });
};
