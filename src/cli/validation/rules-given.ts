import { resolve } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { keyErrors } from '../../domain/documents/decode-error.js';
import { parseYaml } from '../../domain/documents/yaml-document.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import { readEnvelope } from '../../domain/plans/envelope.js';
import { contractIn, contractProblemInWords } from '../../factories/built-in/validate/contract-in.js';
import type { PondReader } from '../../tinyfs/tinyfs.js';
import { contractRules, isContract } from '../../validation/reading/contract.js';
import { ValidateCodec, type ValidateConfig } from '../../validation/reading/rules-codec.js';
import type { Rules } from '../../validation/rules.js';
import type { Invocation } from '../command.js';
import type { CliError } from '../errors.js';
import { configBytes } from '../pond/given-content.js';
import { hostFile, incomingContent } from '../pond/host-content.js';
import { asCliError } from './checking.js';

/** Rules as they were given: they may name a contract in the pond. */
export type GivenRules = Pick<ValidateConfig, 'rules' | 'contract'>;

/** Reads `--rules`: an entry of the factory, its configuration alone, or a contract. */
export const rulesGiven = (
  { terminal, program }: Invocation,
  file: string,
): TE.TaskEither<CliError, GivenRules> => {
  const [, named, schema = null] = /^(.+\.(?:ya?ml|json))#(.+)$/i.exec(file) ?? [];
  const path = file === '-' ? 'standard input' : resolve(terminal.workingDirectory, named ?? file);
  const open = () =>
    incomingContent({
      bytes: file === '-' ? terminal.stdin : hostFile(program, path),
      path,
      signal: terminal.interrupt,
    });
  return pipe(
    configBytes({ _tag: 'Streamed', open }, path as PondPath),
    TE.flatMap((bytes) => readRules(bytes, file === '-' ? path : file, schema)),
  );
};

const readRules = (
  bytes: Uint8Array,
  path: string,
  schema: string | null,
): TE.TaskEither<CliError, GivenRules> => {
  const invalid = (errors: Extract<CliError, { _tag: 'InvalidConfig' }>['errors']) =>
    TE.left<CliError>({ _tag: 'InvalidConfig', path, errors });
  const parsed = parseYaml(bytes);
  if (isLeft(parsed)) return TE.left({ _tag: 'InvalidYaml', path, problem: parsed.left.problem });
  if (isContract(parsed.right)) {
    const rules = contractRules(parsed.right, schema);
    return isLeft(rules)
      ? invalid([{ key: '', message: contractProblemInWords(rules.left) }])
      : TE.right({ rules: rules.right, contract: null });
  }
  if (schema !== null)
    return invalid([{ key: '', message: `#${schema} names a schema of a contract, which this is not` }]);
  const enveloped = readEnvelope(parsed.right);
  if (isLeft(enveloped)) return invalid(enveloped.left);
  const { envelope, config } = enveloped.right;
  if (envelope !== null && envelope.factory !== 'validate')
    return invalid([{ key: 'factory', message: `expected validate, got ${envelope.factory}` }]);
  const decoded = ValidateCodec.decode(config);
  return isLeft(decoded)
    ? invalid(keyErrors(decoded.left, envelope === null ? '' : 'config'))
    : TE.right(decoded.right);
};

/** The rules themselves, with those of a contract in the pond. */
export const rulesIn = (
  fs: Pick<PondReader, 'readBytes'>,
  { rules, contract }: GivenRules,
): TE.TaskEither<CliError, Rules> =>
  contract === null ? TE.right(rules) : pipe(contractIn(fs, contract, rules.strict), TE.mapLeft(asCliError));
