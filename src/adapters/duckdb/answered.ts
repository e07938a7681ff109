import * as E from 'fp-ts/lib/Either.js';
import type { QueryBounds, QueryFailed, QueryTable } from '../../ports/query-engine.js';
import { encodingInWords } from './csv/csv-encoding.js';
import { lineEndsInWords } from './csv/csv-line-ends.js';
import { misfitInWords } from './csv/csv-misfit.js';
import type { FileNames, TableFiles } from './files/table-files.js';
import { type EngineWords, engineMessage, TEMPORARY_FILES } from './messages/engine-messages.js';
import { lackOf } from './messages/lack-of-memory.js';
import { malformedInWords } from './messages/malformed-json.js';
import { refuseDeepParquet } from './tables/deep-parquet.js';
import { filesOf } from './tables/table-contents.js';
import { refuseUnfitJson } from './tables/unfit-json.js';

/** Finds the files of tables and lets `use` have them; what is thrown is an answer in words about these tables. */
export const answered = async <E, A>(
  given: readonly QueryTable[],
  bounds: QueryBounds,
  use: (tables: readonly TableFiles[], words: EngineWords) => Promise<E.Either<E, A>>,
): Promise<E.Either<QueryFailed | E, A>> => {
  const names = new Map<string, string>([[bounds.workspace, TEMPORARY_FILES]]);
  let tables: readonly TableFiles[] = [];
  const words = wordsOf(names, () => tables, bounds);
  try {
    tables = await filesOf(given, bounds, names);
    await refuseUnfitContents(tables, bounds.signal);
    return await use(tables, words);
  } catch (thrown) {
    return E.left(await words(thrown));
  }
};

/** Throws where a content is nested so deeply that the engine would end the process, or is JSON of which the engine would not notice that its end is missing. */
export const refuseUnfitContents = async (
  tables: readonly TableFiles[],
  signal: AbortSignal,
): Promise<void> => {
  for (const table of tables) {
    await refuseUnfitJson(table, signal);
    await refuseDeepParquet(table);
  }
};

/** Words for what the engine throws, within these bounds, about files that people know by these names. */
export const wordsOf =
  (names: FileNames, tables: () => readonly TableFiles[], bounds: QueryBounds): EngineWords =>
  async (thrown) => {
    const known = await misfitInWords(thrown, tables(), names);
    const ofJson = await malformedInWords(known, names, bounds.signal);
    const ofText = await encodingInWords(ofJson, tables(), names);
    const failed = engineMessage(await lineEndsInWords(ofText, tables(), names), names);
    return lackOf(failed.message, bounds) ?? failed;
  };
