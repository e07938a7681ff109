import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Compression } from '../domain/documents/compression.js';
import type { Json } from '../domain/documents/json.js';

/** A query that could not be evaluated: its SQL is wrong, or the content is not what it claims to be. */
export interface QueryFailed {
  readonly _tag: 'QueryFailed';
  readonly message: string;
  /** Remedy, where one is known. */
  readonly remedy?: string;
  /** Resource of which the engine had too little: memory, or room for its temporary files. */
  readonly lacks?: 'memory' | 'space';
}

/** Format by which the contents of a source are to be understood. `json` is an array of objects, or one object a line. */
export type ContentFormat = 'csv' | 'json' | 'parquet';

/**
 * A content of a table: its bytes, or the regular file that has them, which is read where it is. A `link` is a file with the
 * bytes that may go at any time: it is linked, or else the bytes are taken.
 */
export type QueryContent =
  | (AsyncIterable<Uint8Array> & { readonly link?: string })
  | { readonly file: string };

/** Form of a CSV file; what is not said is found out from its first line. */
export interface CsvNotation {
  readonly delimiter?: string;
  /** Tells whether the first line has the names of the columns. Default: it does, and is refused where it looks like a row. */
  readonly header?: boolean;
  /** Types of columns in the words of SQL, by their names. */
  readonly types?: Readonly<Record<string, string>>;
  /** Form of days and of times, such as `%d/%m/%Y`, beside those of ISO 8601. */
  readonly dateFormat?: string;
  readonly timestampFormat?: string;
  /** Character in front of a number's fraction, beside the point. */
  readonly decimalSeparator?: ',' | '.';
  /** Words that stand for no value, such as `NA`, quoted or not; an empty one says so of an empty text in quotes. */
  readonly nulls?: readonly string[];
  /** True: types are those of all rows, not of the first ones, and what is ambiguous is refused. */
  readonly strict?: boolean;
}

/** Way in which the versions of a series make one table. */
export interface SeriesReading {
  /** The column of event times; null: there is none. */
  readonly timeColumn: string | null;
  /** The zone in which times without one are meant; they become instants then. */
  readonly timezone: string | null;
  /** Columns that together tell rows apart. A row in which one of them is null is like no other. */
  readonly unique: readonly string[];
  /** Rows with equal keys: all of them, the first, or the last. */
  readonly onDuplicate: 'keep' | 'skip' | 'replace';
  /** Columns and their types where files may have other ones that must be converted. */
  readonly columns?: readonly { readonly name: string; readonly type: string }[];
  /** True: the columns `pond version` and `pond row` say where a row stands. */
  readonly positions?: boolean;
}

/** A table of a query. */
export interface QueryTable {
  /** Name by which the query knows it, upper and lower case alike. */
  readonly name: string;
  readonly format: ContentFormat;
  /** Name by which people know its content, for messages. */
  readonly path?: string;
  /** Columns of JSON with their SQL types, where they are not to be guessed from the rows. */
  readonly columns?: Readonly<Record<string, string>>;
  /**
   * Way in which values are taken. `guessed` (default): a column has a type that all of its values have, or all of the first rows of
   * large files; a later value that does not fit is an error. `as-written`: columns of CSV are text, nulls where
   * they are empty. `exact`: they are text, and empty ones in quotes are empty; whole numbers of JSON are refused where the type of their column would
   * round them.
   */
  readonly values?: 'guessed' | 'as-written' | 'exact';
  /** Names of its contents, one for each, which become the column `filename`. */
  readonly filenames?: readonly string[];
  /** Types of columns of CSV and JSON in which no value stands, by their names: those of the table whose rows these are to be. */
  readonly withoutValues?: Readonly<Record<string, string>>;
  /** Form of its contents, where they are CSV. */
  readonly csv?: CsvNotation;
  /** Way in which its contents, versions of a series in their order, make one table. Default: each adds its rows. */
  readonly series?: SeriesReading;
  /** The engine's reader that reads its contents, as a query calls it. Default: the one that fits them. */
  readonly reader?: QueryReader;
  /** The files whose rows make up the table, one after another: one for a file, one per version for a series. */
  readonly contents: readonly QueryContent[];
}

/** One of the engine's readers, and what a query says to it. */
export interface QueryReader {
  readonly name: string;
  /** The options as they were written, behind the paths. */
  readonly options: string;
}

/** The rows of a result, while they are being computed. */
export interface QueryAnswer {
  readonly columns: readonly string[];
  /**
   * Rows in batches, one value per column. Whole numbers beyond 2^53, decimals, dates and times come as text. An
   * error while iterating is thrown as a {@link QueryFailed}.
   */
  readonly batches: AsyncIterable<readonly (readonly Json[])[]>;
}

/** Listener that is told how far a statement is, from 0 to 1, and that it has ended. */
export interface QueryWatch {
  readonly onProgress: (share: number) => void;
  readonly end: () => void;
}

/** Limits of what queries may use. */
export interface QueryBounds {
  readonly signal: AbortSignal;
  /** An empty private directory for temporary files. Whoever made it removes it. */
  readonly workspace: string;
  /** Such as `1GB`: what exceeds it goes to temporary files, which are bounded as well. */
  readonly memoryLimit: string;
  /** Is told now and then which share of a statement's work is done, from 0 to 1. */
  readonly onProgress?: (share: number) => void;
  /** The session's number among those that write to one workspace. Default 0. */
  readonly outputs?: number;
}

export interface Query<E> extends QueryBounds {
  readonly sql: string;
  /** Tells whether this program has written the SQL itself, and not whoever asks. Default: it has not. */
  readonly isOwn?: boolean;
  /** Values of the parameters in the query, `$name`. */
  readonly params?: QueryParams;
  /** Finds the tables that the query names; returns those that there are, and may return more. */
  readonly tables: (names: readonly string[]) => TaskEither<E, readonly QueryTable[]>;
  /** Finds the contents that the query reads with a reader of its own. Without it no reader may be called. */
  readonly reads?: (call: QueryRead) => TaskEither<E, QueryTable>;
}

/** Values of a query's parameters, by their names. */
export type QueryParams = Readonly<Record<string, string | number | bigint | boolean | null>>;

/** A reader that a query calls, such as `read_csv('/in/*.csv')`: the table that takes its place. */
export interface QueryRead {
  readonly name: string;
  /** Paths and patterns, as they are written. */
  readonly paths: readonly string[];
  readonly format: ContentFormat;
  readonly reader: QueryReader;
  /** Compression that the call says its files have, `none` included; null: it says nothing. Contents come to the engine without it. */
  readonly compression: Compression | 'none' | null;
}

/** Needs of a query, by its own text. */
export interface QueryNeeds {
  /** The query with the names of tables in the place of calls of readers. */
  readonly sql: string;
  /** Names of the tables that it names itself; not all of them need be ours. */
  readonly tables: readonly string[];
  /** The calls of readers that stand in it, each a table with that name. */
  readonly reads: readonly QueryRead[];
}

/** Several queries over the same tables. */
export interface QuerySession {
  /** Evaluates one query; its rows are held in memory, so they must be few. */
  readonly rows: (sql: string) => TaskEither<QueryFailed, QueryRows>;
  /** Writes the rows of a query to a new file in the workspace; a CSV file looks like the one that `like` is made of, where it is given. */
  readonly write: (sql: string, as: WrittenRows) => TaskEither<QueryFailed, WrittenFile>;
  /** Finds columns of CSV that are text only because of words that usually stand for no value. */
  readonly textByWords: TaskEither<QueryFailed, readonly TextByWords[]>;
  /** Finds columns of CSV that are text, although `withoutValues` has another type for them, each with the first value that is none of it. */
  readonly misfits: TaskEither<QueryFailed, readonly MisfitValue[]>;
}

/** A value of CSV that has another type than was wanted of its column. */
export interface MisfitValue {
  readonly column: string;
  readonly text: string;
  /** Line of its row, from 1; null: it was not found. */
  readonly line: number | null;
}

/** A column of CSV that is text only because of words that usually stand for no value, such as `NA`. */
export interface TextByWords {
  readonly column: string;
  /** The type that its other values have. */
  readonly type: string;
  /** The words, or the first few of them. */
  readonly words: readonly string[];
}

/** Few rows, whole. */
export interface QueryRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Json[])[];
}

/** Form in which rows are written. */
export interface WrittenRows {
  /** `json` is one object a line, `json-array` one array of them; `arrow` is a file of Arrow's IPC, `arrow-stream` its stream. */
  readonly format: ContentFormat | 'json-array' | 'arrow' | 'arrow-stream';
  /** A table whose delimiter a CSV file gets; without one it gets commas. */
  readonly like?: string;
  /** Compression of a Parquet file; default `zstd`. */
  readonly compression?: 'zstd' | 'snappy';
}

export interface WrittenFile {
  /** Absolute path of the host; gone when the workspace is. */
  readonly file: string;
  readonly rows: number;
}

/**
 * SQL over contents. A query reaches nothing but its tables: no other file, no network, no environment. It is one
 * statement that asks, and what it needs is found out before anything of it can open a file.
 */
export interface QueryEngine {
  /** Evaluates a query and gives the result to `use`; everything that the query needed is let go of when that ends. */
  readonly query: <E, A>(
    query: Query<E>,
    use: (answer: QueryAnswer) => TaskEither<E, A>,
  ) => TaskEither<QueryFailed | E, A>;
  /**
   * Evaluates a query and gives its rows to `use` as bytes, written as `as` says, while they are computed. An error that comes
   * up meanwhile is thrown by the bytes as a {@link QueryFailed}.
   */
  readonly written: <E, A>(
    query: Query<E>,
    as: WrittenRows,
    use: (bytes: AsyncIterable<Uint8Array>) => TaskEither<E, A>,
  ) => TaskEither<QueryFailed | E, A>;
  /** Finds what a query needs. A query that may not be asked is refused. */
  readonly needed: (sql: string, signal: AbortSignal) => TaskEither<QueryFailed, QueryNeeds>;
  /**
   * Gives `use` a session over tables, within the same bounds as a single query; every query of it is checked likewise.
   * The first line of a CSV file says its columns and its delimiter.
   */
  readonly session: <E, A>(
    tables: readonly QueryTable[],
    bounds: QueryBounds,
    use: (session: QuerySession) => TaskEither<E, A>,
  ) => TaskEither<QueryFailed | E, A>;
  /**
   * Gives `use` what gives sessions one after another, all in one engine: for many small tables, of which opening an engine takes longer
   * than reading one. Their bounds are the same, but for the numbers of their outputs. Contents that are files lie in the workspace, and
   * each session can open all of it.
   */
  readonly sessions: <E, A>(
    bounds: QueryBounds,
    use: (engine: SessionsEngine) => TaskEither<E, A>,
  ) => TaskEither<QueryFailed | E, A>;
}

/** An engine that gives sessions one after another. */
export interface SessionsEngine extends Pick<QueryEngine, 'session'> {
  /**
   * Looks through tables of which sessions will be opened: many at once take less than each by itself. Their files stay as they are
   * meanwhile. What is wrong with one of them is said by its session.
   */
  readonly lookThrough: (tables: readonly QueryTable[]) => Task<void>;
}
