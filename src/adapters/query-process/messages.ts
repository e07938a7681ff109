import type { Json } from '../../domain/documents/json.js';
import type {
  QueryFailed,
  QueryNeeds,
  QueryParams,
  QueryRead,
  QueryTable,
  WrittenRows,
} from '../../ports/query-engine.js';

/** Word by which the executable is started as a process that evaluates queries. */
export const QUERY_PROCESS = 'answer-queries';

/** Question to a process that evaluates queries: one at a time, and each message of it waits for the other side's next. */
export type Question =
  | { readonly _tag: 'Needed'; readonly sql: string }
  | {
      readonly _tag: 'Query';
      readonly sql: string;
      readonly params: QueryParams | null;
      readonly workspace: string;
      readonly memoryLimit: string;
      readonly outputs: number | null;
      /** Null: rows are wanted, and no bytes. */
      readonly as: WrittenRows | null;
      /** Tells whether the query may call readers. */
      readonly hasReads: boolean;
      /** Tells whether anybody listens to how far it is. */
      readonly isWatched: boolean;
    };

export type ToQueryProcess =
  | Question
  /** Tables, all of whose contents are files; null: they could not be found, and the question is over. */
  | { readonly _tag: 'Found'; readonly tables: readonly QueryTable[] | null }
  | { readonly _tag: 'More' }
  | { readonly _tag: 'Enough' }
  /** Comes at any time. */
  | { readonly _tag: 'Interrupt' };

export type FromQueryProcess =
  | { readonly _tag: 'TablesWanted'; readonly names: readonly string[] }
  | { readonly _tag: 'ReadWanted'; readonly call: QueryRead }
  | { readonly _tag: 'Columns'; readonly columns: readonly string[] }
  | { readonly _tag: 'Rows'; readonly rows: readonly (readonly Json[])[] }
  | { readonly _tag: 'Bytes'; readonly bytes: Uint8Array }
  /** Comes at any time, and waits for nothing. */
  | { readonly _tag: 'Progress'; readonly share: number }
  /** The end of a question, with the bytes of memory that the process still holds. */
  | { readonly _tag: 'Done'; readonly needs: QueryNeeds | null; readonly holds: number }
  | { readonly _tag: 'Failed'; readonly error: QueryFailed; readonly holds: number };
