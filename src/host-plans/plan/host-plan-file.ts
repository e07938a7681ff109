import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { KeyError } from '../../domain/documents/decode-error.js';
import { jsonSyntaxError } from '../../domain/documents/json-syntax.js';
import { type LocatedYaml, parseLocatedYaml } from '../../domain/documents/yaml-document.js';
import { decodeHostOperation, type HostOperation } from '../operations/host-operation.js';

/** One thing that is wrong with a plan file. */
export interface HostPlanFileError {
  /** Line, from 1; null where it is not known. */
  readonly line: number | null;
  /** `operations[3].target`; empty for the file as a whole. */
  readonly key: string;
  readonly message: string;
}

/** The operations of a plan file, and where they stand in it. */
export interface HostPlanFile {
  readonly operations: readonly HostOperation[];
  /** The line of an operation or one of its keys, where that is known. */
  readonly lineOf: (operation: number, key: string | null) => number | null;
}

/** Bytes that a plan file may have: 16 MiB. */
export const LARGEST_PLAN_FILE = 16 * 1024 * 1024;

/** Size up to which lines are looked up in JSON, too: it is parsed a second time for them. */
const LARGEST_LOCATED_JSON = 1024 * 1024;

/** Reads a plan file, YAML or JSON: `operations` with a list of operations. JSON is what is named so or begins with `{`. */
export const parseHostPlanFile = (
  bytes: Uint8Array,
  name: string,
): Either<readonly HostPlanFileError[], HostPlanFile> => {
  if (bytes.length > LARGEST_PLAN_FILE) {
    return left([whole(`larger than ${LARGEST_PLAN_FILE / 1024 / 1024} MiB, the limit of a plan file`)]);
  }
  const text = decodeText(bytes);
  if (text === null) return left([whole('not UTF-8')]);
  const isJson = name.endsWith('.json') || text.trimStart().startsWith('{');
  const parsed = isJson ? parseJson(text) : parseLines(text);
  return isLeft(parsed) ? parsed : operationsOf(parsed.right);
};

interface Parsed {
  readonly value: unknown;
  readonly lineOf: (path: readonly (string | number)[]) => number | null;
}

const operationsOf = ({ value, lineOf }: Parsed): Either<readonly HostPlanFileError[], HostPlanFile> => {
  const at = (path: readonly (string | number)[], { key, message }: KeyError): HostPlanFileError => ({
    line: lineOf(path),
    key,
    message,
  });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return left([at([], { key: '', message: 'expected a mapping with the key operations' })]);
  }
  const unknown = Object.keys(value)
    .filter((key) => key !== 'operations')
    .map((key) => at([key], { key, message: 'unknown key; the only key is operations' }));
  const list: unknown = 'operations' in value ? value.operations : undefined;
  if (!Array.isArray(list)) {
    const message = list === undefined ? 'required, expected a list' : 'expected a list';
    return left([...unknown, at(['operations'], { key: 'operations', message })]);
  }
  const operations: HostOperation[] = [];
  const errors = [...unknown];
  list.forEach((item: unknown, place) => {
    const decoded = decodeHostOperation(item, () => `operations[${place}]`);
    if (!isLeft(decoded)) operations.push(decoded.right);
    else for (const error of decoded.left) errors.push(at(['operations', place, ...error.steps], error));
  });
  if (errors.length > 0) return left(errors);
  return right({
    operations,
    lineOf: (place, key) => lineOf(['operations', place, ...(key === null ? [] : [key])]),
  });
};

const parseLines = (text: string): Either<readonly HostPlanFileError[], Parsed> => {
  const parsed = parseLocatedYaml(text);
  if (!isLeft(parsed)) return parsed;
  const { line, problem } = parsed.left;
  return left([{ line, key: '', message: `not a YAML document of plain data: ${problem}` }]);
};

const parseJson = (text: string): Either<readonly HostPlanFileError[], Parsed> => {
  try {
    const value: unknown = JSON.parse(text);
    return right({ value, lineOf: lineInJson(text) });
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    const offset = jsonSyntaxError(text);
    const line = offset === null ? null : text.slice(0, offset).split('\n').length;
    return left([{ line, key: '', message: `not JSON: ${thrown.message}` }]);
  }
};

/** JSON is YAML. Lines are asked for only once something is wrong. */
const lineInJson = (text: string): Parsed['lineOf'] => {
  let located: LocatedYaml | null | undefined;
  return (path) => {
    if (located === undefined) {
      const parsed = text.length > LARGEST_LOCATED_JSON ? null : parseLocatedYaml(text);
      located = parsed === null || isLeft(parsed) ? null : parsed.right;
    }
    return located === null ? null : located.lineOf(path);
  };
};

const decodeText = (bytes: Uint8Array): string | null => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
};

const whole = (message: string): HostPlanFileError => ({ line: null, key: '', message });
