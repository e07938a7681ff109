import type { QueryFailed } from '../../ports/query-engine.js';

/** Names by which people know the files of a query, by where they are. */
export type FileNames = ReadonlyMap<string, string>;

/** Words for what an engine throws. */
export type EngineWords = (thrown: unknown) => Promise<QueryFailed>;

/**
 * Messages of the engine, in words that mean something to whoever asked: files by their paths in the pond, and without
 * advice about options that cannot be given.
 */
export const engineMessage = (thrown: unknown, names: FileNames): QueryFailed => {
  const message =
    typeof thrown === 'object' && thrown !== null && 'message' in thrown
      ? String(thrown.message)
      : String(thrown);
  const remedy =
    typeof thrown === 'object' && thrown !== null && 'remedy' in thrown && typeof thrown.remedy === 'string'
      ? { remedy: thrown.remedy }
      : {};
  return { _tag: 'QueryFailed', message: withPondPaths(withoutAdvice(message), names).trim(), ...remedy };
};

/** The same text with files as people know them. */
export const withPondPaths = (text: string, names: FileNames): string =>
  [...names]
    // A file before the directory that it is in.
    .sort(([a], [b]) => b.length - a.length)
    .reduce((replaced, [file, name]) => replaced.replaceAll(file, name), text);

const withoutAdvice = (message: string): string =>
  message
    .replace(OWN_STATEMENT, '')
    .split('\n')
    .filter((line) => !ADVICE.test(line))
    .join('\n')
    .replace(/\n\s*\n+/g, '\n');

/** Lists of options and of what they could be changed to. */
const ADVICE =
  /^\s*(?:Possible (?:fixes|[Ss]olutions?)\b.*|See also https:.*|\* .*|(?:delimiter|quote|escape|new_line|header|skip_rows|comment|strict_mode|date_format|timestamp_format|null_padding|sample_size|ignore_errors|all_varchar|encoding|max_line_size|buffer_size)\s*=.*)$/;

/** Quotations by the engine of the statements that make our tables. */
const OWN_STATEMENT = /\n*LINE 1: CREATE (?:VIEW|OR REPLACE TEMP TYPE)[^\n]*(?:\n\s*\^)?/g;
